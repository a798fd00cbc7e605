using System.Diagnostics;
using Rmt.Testing;

namespace Rmt.Architecture.Tests;

/// <summary>The search for libtorch, through the cmake file itself.</summary>
public class NativeBuildTests
{
    [Fact]
    public void A_libtorch_that_is_not_there_is_told_with_all_three_places()
    {
        using var folder = new TempFolder();
        var start = new ProcessStartInfo("cmake", ["-S", Path.Combine(Repository.Root, "Rmt.Torch", "native"), "-B", folder["build"]])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["LIBTORCH"] = folder["empty"] },
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();

        Assert.NotEqual(0, process.ExitCode);
        Assert.Contains($"1. LIBTORCH, a libtorch folder or a Python 'torch' folder: '{folder["empty"]}'", error, StringComparison.Ordinal);
        Assert.Contains("2. the system's", error, StringComparison.Ordinal);
        Assert.Contains("LIBTORCH_USE_PYTORCH=1", error, StringComparison.Ordinal);
        Assert.True(output.IsCompletedSuccessfully || !output.IsFaulted);
    }
}
