namespace Rmt.Benchmarks;

/// <summary>What one tensor operation costs from C#, and what of it is libtorch's own.</summary>
internal sealed class OperationBenchmark : IBenchmark
{
    public string Name => "operation";

    public string Description => "ns of one tensor operation (add of one element, view, slice) from C#, in turns with the same from C++";

    public bool OnlyWhenNamed => false;

    public bool Run(Options options, Report report)
    {
        foreach (var name in OperationSide.Names)
        {
            using var ours = Side.Ours(options, "operation", name);
            using var bare = Side.Bare(options, "operation", name);
            var seconds = Math.Min(1, options.Seconds);
            var pairs = Enumerable.Range(0, options.Pairs).Select(_ => (Ours: ours.Measure(seconds).Median, Bare: bare.Measure(seconds).Median)).ToArray();
            report.Add(
                ("operation", name), ("pairs", pairs.Length),
                ("ours_ns", pairs.Select(pair => pair.Ours).Median()), ("bare_ns", pairs.Select(pair => pair.Bare).Median()),
                ("overhead_ns", pairs.Select(pair => pair.Ours - pair.Bare).Median()), ("bare_over_ours", pairs.Select(pair => pair.Bare / pair.Ours).Median()));
        }
        return true;
    }
}
