namespace Rmt.Benchmarks.Gpu;

/// <summary>One of our figures beside the best rival's of the same line.</summary>
/// <param name="Ours">What we took.</param>
/// <param name="Best">The fastest of the others; null where there is none.</param>
/// <param name="Ratio">Its time over ours: above 1 we are the faster.</param>
/// <param name="OverGraph">Ours over that of the rival that goals are told by.</param>
internal sealed record Comparison(GpuLine Ours, GpuLine? Best, double? Ratio, double? OverGraph)
{
    /// <summary>The rival by which goals are told that hold on any card.</summary>
    public const string Graph = "bare-graph";

    // A ratio of two medians repeats to this.
    private const double Noise = 1.02;

    /// <summary>Compares one of ours with those that did the same. Of several passes each side's best counts.</summary>
    /// <param name="ours">With a figure or without.</param>
    /// <param name="lines">All there are; those of other work, without a figure, or that are no model do not count.</param>
    /// <param name="rivals">Which variants are its rivals; null: all.</param>
    public static Comparison Of(GpuLine ours, IReadOnlyList<GpuLine> lines, Func<string, bool>? rivals = null)
    {
        var same = lines.Where(line => line.IsModel && line.Part == ours.Part && line.Shape == ours.Shape && line.Batch == ours.Batch && line.Time is not null).ToArray();
        var us = same.Where(line => line.Who == GpuLine.Us && line.Variant == ours.Variant).MinBy(line => line.Time) ?? ours;
        var them = same.Where(line => line.Who == GpuLine.Them && (rivals?.Invoke(line.Variant) ?? true)).ToArray();
        var best = them.MinBy(line => line.Time);
        var graph = them.Where(line => line.Variant == Graph).MinBy(line => line.Time);
        return new(us, best, best?.Time / us.Time, us.Time / graph?.Time);
    }

    /// <summary>Whether a goal in milliseconds is met: by the clock, or, on another card, by the ratio to the graph that says the same. Null where there is no figure.</summary>
    public bool? Meets(double milliseconds, double overGraph) => Ours.Time is not { } time ? null : time <= milliseconds || OverGraph <= overGraph * Noise;

    public void AddTo(Report report, string? goal, bool? met) => report.Add(
        ("part", Ours.Part), ("shape", Ours.Shape), ("batch", Ours.Batch), ("ours", Ours.Variant), ("ours_ms", Ours.Time), ("best_rival", Best?.Variant), ("rival_ms", Best?.Time),
        ("rival_over_ours", Ratio), ("ours_over_bare_graph", OverGraph), ("ours_peak_mib", Ours.PeakMib), ("rival_peak_mib", Best?.PeakMib), ("goal", goal), ("goal_met", met));
}
