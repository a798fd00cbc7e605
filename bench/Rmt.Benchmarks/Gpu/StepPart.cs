namespace Rmt.Benchmarks.Gpu;

/// <summary>One recurrent step of full windows without padding, memory chained, ids uploaded.</summary>
internal sealed class StepPart : IGpuPart
{
    public const string Step = "step";

    // Plain: what the step is without the fused one. With a mask: what a padded row costs all others.
    private const string Plain = "plain", Exact = "exact", Fast = "fast", Masked = "exact, masked";

    private static readonly string[] Ours = [Plain, Exact, Fast, Masked];

    // What was measured on one H200; on another card the ratio to the rivals' graph says the same.
    private static readonly Dictionary<(string Shape, string Variant, int Batch), (double Milliseconds, double OverGraph)> Goals = new()
    {
        [("base", Exact, 8)] = (1.75, 0.86), [("base", Exact, 32)] = (6.5, 0.84), [("base", Exact, 128)] = (25.9, 0.84),
        [("base", Fast, 8)] = (1.62, 0.80), [("base", Fast, 32)] = (5.9, 0.75), [("base", Fast, 128)] = (23.1, 0.75),
    };

    public string Name => Step;

    public bool Run(GpuRun run)
    {
        foreach (var shape in run.Options.Given.Contains("--shape") ? run.Options.Shapes : ["base", "mini"])
        {
            int[] batches = run.Options.Given.Contains("--batch") ? [.. run.Options.Batches] : [1, 8, 32, 128];
            var ours = new List<GpuLine>();
            for (var pass = 0; pass < run.Passes; pass++)
            {
                ours = [.. Ours.SelectMany(variant => Measure(run, shape, batches, variant))];
                run.AskRivals(shape, batches, pass);
            }
            foreach (var batch in batches)
                foreach (var line in ours.Where(line => line.Batch == batch && line.Variant is not (Plain or Masked)))
                {
                    (double Milliseconds, double OverGraph)? goal = Goals.TryGetValue((shape, line.Variant, batch), out var one) ? one : null;
                    run.CompareAtEnd(line, goal is { } told ? FormattableString.Invariant($"≤ {told.Milliseconds} ms, or {told.OverGraph} of {Comparison.Graph}") : null,
                        comparison => goal is { } set && run.Options.Device == "cuda" ? comparison.Meets(set.Milliseconds, set.OverGraph) : null);
                }
        }
        return true;
    }

    private static List<GpuLine> Measure(GpuRun run, string shape, int[] batches, string variant)
    {
        run.ForgetPeak();
        using var model = RandomModel.Create(shape, run.ScalarType, run.Device, plain: variant == Plain);
        if (variant == Fast && !GeluChoice.TryTakeFast(model.Adapter.Backbone)) return [];
        return [.. batches.Select(batch => run.Measure(new(Step, shape, batch, GpuLine.Us, variant), line =>
        {
            using var work = new StepWork(model.Adapter, batch, masked: variant == Masked);
            var times = new List<double>();
            for (var pass = 0; pass < 2; pass++) work.Measure(run.Seconds / 2, run.Wait, times);
            return line with
            {
                Milliseconds = times.Median(), LeastMilliseconds = times.Min(), Calls = times.Count, PeakMib = run.PeakMib(),
                TokensPerSecond = 1000 * batch * model.Adapter.Layout.TokensPerSegment / times.Median(),
            };
        }))];
    }
}
