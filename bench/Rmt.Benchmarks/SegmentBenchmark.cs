using System.Globalization;

namespace Rmt.Benchmarks;

/// <summary>Milliseconds of a 512-token segment beside a bare C++ program that does the same arithmetic.</summary>
internal sealed class SegmentBenchmark : IBenchmark
{
    private const double Goal = 0.97;

    // Sums of 32-bit numbers in the same order: equal but for the checksum's own rounding. bf16 keeps 8 bits.
    private static readonly Dictionary<string, double> Tolerance = new() { ["fp32"] = 1e-4, ["bf16"] = 1e-2 };

    public string Name => "segment";

    public string Description => "ms per 512-token segment, in turns with a bare C++ libtorch program of the same arithmetic; goal: bare / ours ≥ 0.97";

    public bool OnlyWhenNamed => false;

    public bool Run(Options options, Report report)
    {
        var same = true;
        foreach (var shape in options.Shapes)
            foreach (var type in options.Types)
            {
                var windowSeconds = 0.0;        // of the batch before: what a larger one will take is known before it is begun
                foreach (var batch in options.Batches)
                    same &= Compare(new(shape, type, batch, options.Device), options, report, ref windowSeconds);
            }
        return same;
    }

    private sealed record Line(string Shape, string Type, int Batch, string Device)
    {
        public string[] Work(string rows) => ["segment", Shape, Batch.ToString(CultureInfo.InvariantCulture), Type, rows, Device];
    }

    private static bool Compare(Line line, Options options, Report report, ref double windowSeconds)
    {
        var expected = windowSeconds * line.Batch;
        // Three sides, each warmed up once and measured once: less is no comparison.
        if (expected * 6 > options.Limit)
        {
            report.Say($"{line.Shape} {line.Type} batch {line.Batch} left out: a call takes about {expected:0.#} s, which does not fit --limit {options.Limit:0}");
            return true;
        }
        using var ours = Side.Ours(options, line.Work("all"));
        using var bare = Side.Bare(options, line.Work("all"));
        using var read = Side.Ours(options, line.Work("read"));
        windowSeconds = bare.Milliseconds / 1000 / line.Batch;
        foreach (var side in new[] { ours, read })
            if (!(Math.Abs(side.Checksum / bare.Checksum - 1) <= Tolerance[line.Type]))
            {
                report.Say($"{line.Shape} {line.Type} batch {line.Batch}: memory differs, ours {side.Checksum}, bare {bare.Checksum}; not measured");
                return false;
            }
        var pairs = (int)Math.Clamp((options.Limit - 3 * expected) / (3 * Math.Max(options.Seconds, bare.Milliseconds / 1000)), 1, options.Pairs);
        if (pairs < options.Pairs) report.Say($"{line.Shape} {line.Type} batch {line.Batch}: {pairs} of {options.Pairs} pairs fit --limit {options.Limit:0}");
        var rounds = Enumerable.Range(0, pairs).Select(_ =>
            (Ours: ours.Measure(options.Seconds), Bare: bare.Measure(options.Seconds), Read: read.Measure(options.Seconds))).ToArray();
        Add(report, line, "all", options.Threads, [.. rounds.Select(round => (round.Ours, round.Bare))]);
        Add(report, line, "read", options.Threads, [.. rounds.Select(round => (round.Read, round.Bare))]);
        return true;
    }

    private static void Add(Report report, Line line, string rows, int threads, (Timing Ours, Timing Bare)[] pairs)
    {
        double Ms(Func<(Timing Ours, Timing Bare), double> of) => pairs.Select(of).Median() / 1e6 / line.Batch;
        var ratios = pairs.Select(pair => pair.Bare.Median / pair.Ours.Median).ToArray();
        report.Add(
            ("shape", line.Shape), ("dtype", line.Type), ("batch", line.Batch), ("device", line.Device), ("threads", threads), ("rows", rows),
            ("ours_ms", Ms(pair => pair.Ours.Median)), ("bare_ms", Ms(pair => pair.Bare.Median)),
            ("ours_least_ms", pairs.Min(pair => pair.Ours.Least) / 1e6 / line.Batch), ("bare_least_ms", pairs.Min(pair => pair.Bare.Least) / 1e6 / line.Batch),
            ("calls", pairs.Sum(pair => pair.Ours.Calls)), ("pairs", pairs.Length),
            ("ratios", string.Join(' ', ratios.Select(ratio => ratio.ToString("0.000", CultureInfo.InvariantCulture)))),
            ("bare_over_ours", ratios.Median()),
            ("processor_ratio", pairs.Select(pair => pair.Bare.Processor / pair.Ours.Processor).Median()),
            ("goal_met", rows == "all" ? ratios.Median() >= Goal : null));
    }
}
