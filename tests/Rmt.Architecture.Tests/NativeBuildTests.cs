using System.Diagnostics;
using Rmt.Testing;

namespace Rmt.Architecture.Tests;

/// <summary>The search for libtorch, through the cmake file itself.</summary>
public class NativeBuildTests
{
    private const string VersionHeader = "include/torch/csrc/api/include/torch/version.h";

    [Fact]
    public void A_libtorch_that_is_not_there_is_told_with_all_three_places()
    {
        using var folder = new TempFolder();
        var error = Refused(folder["empty"], folder);
        Assert.Contains($"1. LIBTORCH, a libtorch folder or a Python 'torch' folder: '{folder["empty"]}'", error, StringComparison.Ordinal);
        Assert.Contains("2. the system's", error, StringComparison.Ordinal);
        Assert.Contains("LIBTORCH_USE_PYTORCH=1", error, StringComparison.Ordinal);
    }

    // torch 2.11 keeps its numbers in a header of their own, which version.h only includes.
    [Theory]
    [InlineData(VersionHeader)]
    [InlineData("include/torch/headeronly/version.h")]
    public void The_version_is_read_wherever_a_libtorch_keeps_it(string header)
    {
        using var folder = new TempFolder();
        Write(folder["torch"], "lib/libtorch_cpu.so", "");
        Write(folder["torch"], VersionHeader, "#include <torch/headeronly/version.h>\n");
        Write(folder["torch"], header, "#define TORCH_VERSION_MAJOR 1\n#define TORCH_VERSION_MINOR 2\n#define TORCH_VERSION_PATCH 3\n");
        Assert.Contains("is '1.2.3'; this project needs 1.13", Refused(folder["torch"], folder), StringComparison.Ordinal);
    }

    private static void Write(string root, string name, string text)
    {
        var path = Path.Combine(root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>What cmake says of a libtorch that it does not take; lines are wrapped by cmake and joined here.</summary>
    private static string Refused(string libtorch, TempFolder folder)
    {
        var start = new ProcessStartInfo("cmake", ["-S", Path.Combine(Repository.Root, "Rmt.Torch", "native"), "-B", folder["build"]])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["LIBTORCH"] = libtorch },
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.NotEqual(0, process.ExitCode);
        Assert.True(output.IsCompletedSuccessfully || !output.IsFaulted);
        return error.Contains("Looked for", StringComparison.Ordinal) ? error : string.Join(' ', error.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
