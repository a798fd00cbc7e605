using System.Diagnostics;
using Rmt.Testing;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>What is said where the shim cannot be loaded: this program run again, in a folder without it.</summary>
public sealed class LibraryTests
{
    [Fact]
    public void The_library_answers() => Assert.NotEmpty(__version__);

    [Fact]
    public void Threads_that_have_nothing_to_do_sleep_unless_somebody_asked_for_more()
    {
        Assert.NotEmpty(__version__);
        Assert.Equal(Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") ?? "PASSIVE", CpuThreads.WaitPolicy);
    }

    [Fact]
    public void Openblas_is_told_what_a_processor_can_that_it_may_not_know_and_so_are_child_processes()
    {
        Assert.NotEmpty(__version__);
        Assert.Equal(Environment.GetEnvironmentVariable("OPENBLAS_CORETYPE"), CpuThreads.BlasKernels);
        if (File.ReadLines("/proc/cpuinfo").Any(line => line.StartsWith("flags", StringComparison.Ordinal) && line.Contains(" avx512_bf16", StringComparison.Ordinal)))
            Assert.NotNull(CpuThreads.BlasKernels);
    }

    [Fact]
    public void Without_the_library_the_message_says_where_it_was_looked_for_and_what_to_do()
    {
        using var folder = new TempFolder();
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(file => Path.GetFileName(file) != "librmt_torch.so"))
            File.CreateSymbolicLink(folder[Path.GetFileName(file)], file);
        var program = folder["Rmt.Torch.Tests.dll"];
        File.Delete(program);       // the folder of a program is that of its file, not of a link to it
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Rmt.Torch.Tests.dll"), program);
        var test = $"{typeof(LibraryTests).FullName}.{nameof(The_library_answers)}";
        using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["exec", program, "-noColor", "-method", test])
        {
            RedirectStandardOutput = true,
        })!;
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.NotEqual(0, child.ExitCode);
        Assert.Contains($"System.DllNotFoundException : librmt_torch.so could not be loaded from {folder.Path}", output);
        foreach (var way in new[] { "LIBTORCH names", "libtorch-dev", "LIBTORCH_USE_PYTORCH=1" }) Assert.Contains(way, output);
    }
}
