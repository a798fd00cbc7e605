using System.Diagnostics;
using static System.StringComparison;

namespace Rmt.Torch.Tests;

/// <summary>The shim without .NET (tests/native): what every function makes is freed, also where it fails.</summary>
public sealed class NativeTests
{
    private static string Program => Path.Combine(AppContext.BaseDirectory, "rmt-torch-native-tests");

    private static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    private static List<string> Shim(string table, string file) =>
        [.. Run("nm", "--dynamic", table, "--format=posix", file).Output.Split('\n').Select(line => line.Split(' ')[0]).Where(name => name.StartsWith("rmt_", Ordinal)).Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_function_works_and_fails_without_a_leak()
    {
        var (code, output) = Run(Program);
        Assert.True(code == 0, output);
        Assert.Matches("^[0-9]+ cases", output);
    }

    [Fact]
    public void A_tensor_that_is_forgotten_is_found()
    {
        var (code, output) = Run(Program, "--forget");
        Assert.Equal(23, code);
        Assert.Contains("LeakSanitizer: detected memory leaks", output);
        Assert.Contains("rmt_clone", output);
    }

    [Theory]
    [InlineData("bf16-base", 768)]
    [InlineData("bf16-odd", 104)]
    [InlineData("float-odd", 1000)]
    [InlineData("reading-base", 768)]
    [InlineData("reading-odd", 104)]
    public void The_text_of_the_kernels_run_on_the_host_gives_what_loops_in_double_precision_give(string program, int width)
    {
        var (code, output) = Run(Path.Combine(AppContext.BaseDirectory, $"rmt-kernels-{program}"));
        Assert.True(code == 0, output);
        Assert.Equal($"kernels for rows of {width}\n", output);
    }

    [Fact]
    public void No_function_is_left_out() =>
        Assert.Equal(Shim("--defined-only", Path.Combine(AppContext.BaseDirectory, "librmt_torch.so")), Shim("--undefined-only", Program));
}
