namespace Rmt.Benchmarks.Gpu;

/// <summary>One recurrent step of full windows without padding, memory chained, ids uploaded.</summary>
internal sealed class StepPart : IGpuPart
{
    public const string Steps = "steps";

    // What was measured on one H200; on another card the ratio to the rivals' graph says the same.
    private static readonly Dictionary<(string Shape, Way Way, int Batch), (double Milliseconds, double OverGraph)> Goals = new()
    {
        [("base", Way.Exact, 8)] = (1.75, 0.86), [("base", Way.Exact, 32)] = (6.5, 0.84), [("base", Way.Exact, 128)] = (25.9, 0.84),
        [("base", Way.Fast, 8)] = (1.62, 0.80), [("base", Way.Fast, 32)] = (5.9, 0.75), [("base", Way.Fast, 128)] = (23.1, 0.75),
    };

    public string Name => Steps;

    public bool Run(GpuRun run)
    {
        foreach (var shape in run.Shapes)
        {
            int[] batches = run.Options.Given.Contains("--batch") ? [.. run.Options.Batches] : [1, 8, 32, 128];
            var ours = new List<(Way Way, GpuLine Line)>();
            for (var pass = 0; pass < run.Passes; pass++)
            {
                ours = [.. run.Ways.SelectMany(way => Measure(run, shape, batches, way).Select(line => (way, line)))];
                _ = Measure(run, shape, batches, run.Way, masked: true);        // what a padded row costs all others
                run.AskRivals(shape, batches, pass);
            }
            foreach (var batch in batches)
                foreach (var (way, line) in ours.Where(one => one.Line.Batch == batch && !one.Way.IsPlain))
                {
                    (double Milliseconds, double OverGraph)? goal = Goals.TryGetValue((shape, way, batch), out var one) ? one : null;
                    run.CompareAtEnd(line, goal is { } told ? FormattableString.Invariant($"≤ {told.Milliseconds} ms, or {told.OverGraph} of {Comparison.Graph}") : null,
                        comparison => goal is { } set && run.Options.Device == "cuda" ? comparison.Meets(set.Milliseconds, set.OverGraph) : null);
                }
        }
        return true;
    }

    private static GpuLine[] Measure(GpuRun run, string shape, int[] batches, Way way, bool masked = false)
    {
        using var model = run.Model(shape, way);
        if (model is null) return [];
        GpuLine[] lines = [.. batches.Select(batch => run.Measure(new(Steps, shape, batch, GpuLine.Us, masked ? $"{way.Name}, masked" : way.Name), line =>
        {
            using var work = new StepWork(model, batch, masked);
            var times = new List<double>();
            for (var pass = 0; pass < 2; pass++) work.Measure(run.Seconds / 2, run.Wait, times);
            return line with
            {
                Milliseconds = times.Median(), LeastMilliseconds = times.Min(), Calls = times.Count, PeakMib = run.PeakMib(),
                TokensPerSecond = 1000 * batch * model.Adapter.Layout.TokensPerSegment / times.Median(),
            };
        }))];
        if (!masked) run.Report.Add([("part", Steps), ("shape", shape), ("variant", way.Name), .. Way.Recorded(model)]);
        return lines;
    }
}
