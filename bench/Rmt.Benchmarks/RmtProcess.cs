using System.Diagnostics;
using System.Globalization;

namespace Rmt.Benchmarks;

/// <summary>The program as a user starts it, with the most memory it ever held.</summary>
/// <param name="Records">Lines of its stdout: how many, and the last.</param>
/// <param name="Last">The last line.</param>
/// <param name="Seconds">From start to end.</param>
/// <param name="PeakBytes">VmHWM, asked every few milliseconds and so missed by the last of them.</param>
internal sealed record RmtProcess(int Records, string Last, double Seconds, long PeakBytes)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    /// <summary>Runs it to its end; its stderr is ours.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static RmtProcess Run(int threads, params string[] arguments)
    {
        var text = threads.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "rmt.dll"), .. arguments, "--threads", text]) { RedirectStandardOutput = true };
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start.WithThreads(threads)) ?? throw new InvalidOperationException("dotnet did not start");
        var (records, last) = (0, "");
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null) return;
            (records, last) = (records + 1, line.Data);
        };
        process.BeginOutputReadLine();
        var peak = 0L;
        while (!process.WaitForExit(Interval))
            peak = Math.Max(peak, ProcessMemory.Peak(process.Id) ?? 0);
        process.WaitForExit();      // and for its last line
        return process.ExitCode == 0 ? new(records, last, clock.Elapsed.TotalSeconds, peak)
            : throw new InvalidOperationException($"rmt {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }
}
