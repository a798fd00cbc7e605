using Rmt.Torch;
using TorchSharp;

namespace Rmt.Benchmarks.Gpu;

/// <summary>An update through seven segments of 32 documents, beside the rival that keeps as much of the graph.</summary>
internal sealed class TrainingPart : IGpuPart
{
    private const int Segments = 7;
    private const double Goal = 1.15;

    public string Name => "training";

    /// <summary>Whether a variant of the rivals is one of train.py.</summary>
    public static bool Trains(string variant) => IsWhole(variant) || IsFrugal(variant);

    // The whole graph is kept; or parts of it, which are run again.
    private static bool IsWhole(string variant) => variant.EndsWith("-plain", StringComparison.Ordinal);

    private static bool IsFrugal(string variant) => variant.EndsWith("-replay", StringComparison.Ordinal) || variant.EndsWith("-checkpoint", StringComparison.Ordinal);

    public bool Run(GpuRun run)
    {
        if (run.Type == "fp16")
        {
            run.Report.Say($"{Name}: left out, it learns in bf16 or fp32");
            return true;
        }
        var (shape, batch) = (run.Shape, run.LargeBatch);
        var methods = run.Options.MethodsAmong(TrainingMeasure.Methods.Keys);
        var ours = run.Options.PlainOps ? [] : methods.Select(method => (Method: method, Line: Measure(run, shape, batch, method, plainOps: false))).ToArray();
        var missing = run.Device.type == DeviceType.CUDA ? FusedTraining.Missing(run.Device) : "on a CPU there are none";
        if (missing is not null) run.Report.Say($"{Name}: no fused steps, {missing}");
        // Layers as they are written: beside fused steps where there are such, else they are the same.
        if (run.Options.PlainOps || missing is null)
            foreach (var method in methods) _ = Measure(run, shape, batch, method, plainOps: true);
        string[] variants = [.. run.Variants.Where(Trains)];
        if (variants.Length > 0)
        {
            run.ForgetPeak();
            run.Take(run.Rivals.Run("train.py", [.. variants.Select(variant => new GpuLine(Name, shape, batch, GpuLine.Them, variant))], run.Limit.Left, line => line.AddTo(run.Report),
                "--device", run.Options.Device, "--dtype", run.Type, "--seconds", GpuRun.Text(2 * run.Seconds), "--batch", GpuRun.Text(batch), "--segments", GpuRun.Text(Segments)));
        }
        foreach (var (method, line) in ours)
            run.CompareAtEnd(line, FormattableString.Invariant($"≥ {Goal}"), comparison => run.Options.Device == "cuda" ? comparison.Ratio >= Goal : null, method == "plain" ? IsWhole : IsFrugal);
        return true;
    }

    private GpuLine Measure(GpuRun run, string shape, int batch, string method, bool plainOps) => run.Measure(new(Name, shape, batch, GpuLine.Us, plainOps ? $"{method}, plain ops" : method), line =>
    {
        var (times, tokens, peak, _, error) = TrainingMeasure.Of(shape, run.Type, batch, Segments, method, run.Options.Device, plainOps, 2 * run.Seconds);
        return error is not null ? line with { Error = error } : line with
        {
            Milliseconds = times.Median(),
            LeastMilliseconds = times.Min(),
            Calls = times.Count,
            TokensPerSecond = 1000 * tokens / times.Median(),
            PeakMib = peak,
        };
    });
}
