using System.Diagnostics;
using System.Globalization;
using Rmt.Benchmarks.Service;
using TorchSharp;

namespace Rmt.Benchmarks;

/// <summary>Our side of a comparison, inside the process that <see cref="Side"/> started; speaks as bench/bare/bare.cpp does.</summary>
internal static class SideLoop
{
    public const string Argument = "--side";

    // Steps given to a GPU before anyone waits for it, as in a long document; bare.cpp has the same number.
    private const int InFlight = 16;

    /// <param name="work"><c>segment SHAPE BATCH TYPE ROWS DEVICE THREADS</c>, <c>operation NAME THREADS</c> or <c>scheduler MODEL TOKENS THREADS</c>.</param>
    public static void Run(string[] work)
    {
        torch.set_num_threads(int.Parse(work[^1], CultureInfo.InvariantCulture));
        using var mode = torch.inference_mode();
        if (work[0] == "operation")
        {
            OperationSide.Run(work[1]);
            return;
        }
        if (work[0] == SchedulerSide.Work)
        {
            SchedulerSide.Run(work[1], int.Parse(work[2], CultureInfo.InvariantCulture));
            return;
        }
        var onCpu = work[5] == "cpu";
        using var side = new SegmentSide(work[1], int.Parse(work[2], CultureInfo.InvariantCulture), work[3], work[4], work[5]);
        var (last, checksum) = (0L, 0.0);
        for (var i = work[3] == "fp32" || !onCpu ? 3 : 1; i > 0; i--)
        {
            last = Stopwatch.GetTimestamp();
            side.Step();
            checksum = side.Checksum();
        }
        Write($"ready {checksum:R} {Stopwatch.GetElapsedTime(last).TotalMilliseconds:R}");
        if (onCpu) Serve(1, side.Step);
        else Serve(InFlight, () =>
        {
            for (var i = 0; i < InFlight; i++) side.Step();
            side.Checksum();        // a number read back is a device waited for
        });
    }

    /// <summary>Answers every line "SECONDS" by calling for so long, once at least.</summary>
    /// <param name="operations">What one call counts for.</param>
    /// <param name="call">What is measured.</param>
    public static void Serve(int operations, Action call)
    {
        while (Console.In.ReadLine() is { } line)
        {
            var seconds = double.Parse(line, CultureInfo.InvariantCulture);
            var times = new List<double>();
            var (begin, processor) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            do
            {
                var since = Stopwatch.GetTimestamp();
                call();
                times.Add(Stopwatch.GetElapsedTime(since).TotalNanoseconds / operations);
            }
            while (Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds);
            processor = Environment.CpuUsage.TotalTime - processor;
            Write($"{times.Median():R} {times.Min():R} {processor.TotalNanoseconds / operations / times.Count:R} {times.Count}");
        }
    }

    public static void Write(FormattableString line)
    {
        Console.Out.WriteLine(line.ToString(CultureInfo.InvariantCulture));
        Console.Out.Flush();
    }
}
