using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Benchmarks;

/// <summary>Milliseconds and memory of one update through all segments; and whether replay's gradients are those of the whole graph.</summary>
internal sealed class TrainingBenchmark : IBenchmark
{
    private const int Shorter = 137;
    private const double Tolerance = 1e-4;      // of fp32: sums in another order

    public string Name => "training";

    public string Description => "ms, tokens/s and peak memory of an update: RMT over N segments × batch B, gradients through all, AdamW; --gradients compares them, --distance types and fused steps";

    public bool OnlyWhenNamed => true;

    public bool Run(Options options, Report report)
    {
        set_num_threads(options.Threads);
        return options.Gradients ? Compare(options, report) : options.Distance ? Distances(options, report) : Measure(options, report);
    }

    private static bool Measure(Options options, Report report)
    {
        foreach (var (shape, type, batch, segments) in Lines(options, [7]))
            foreach (var method in options.MethodsAmong(TrainingMeasure.Methods.Keys))
            {
                var (times, tokens, peak, ops, error) = TrainingMeasure.Of(shape, type, batch, segments, method, options.Device, options.PlainOps, options.Seconds);
                var median = times.Count > 0 ? times.Median() : (double?)null;
                report.Add(
                    ("shape", shape), ("segments", segments), ("batch", batch), ("dtype", type), ("device", options.Device), ("method", method), ("ops", ops), ("ms", median),
                    ("ms_least", times.Count > 0 ? times.Min() : null), ("calls", times.Count), ("tokens_per_s", 1000 * tokens / median), ("peak_mib", peak), ("error", error));
            }
        return true;
    }

    private static bool Compare(Options options, Report report)
    {
        var same = true;
        foreach (var (shape, type, batch, segments) in Lines(options, [2, 4, 8, 16, 32]))
            foreach (var dropout in new[] { 0, 0.1 })
            {
                using var scope = NewDisposeScope();
                using var work = new TrainingWork(shape, batch, segments, Shorter, dropout, type, options.Device, options.PlainOps);
                var (replay, replayPeak, _) = Gradients(work, "replay");
                var (plain, plainPeak, error) = Gradients(work, "plain");
                var (name, difference) = plain is null || replay is null ? default : Furthest(work.Names, plain, replay);
                same &= type != "fp32" || !(difference > Tolerance);
                report.Add(
                    ("shape", shape), ("segments", segments), ("batch", batch), ("dtype", type), ("device", options.Device), ("dropout", dropout),
                    ("gradients", plain?.Count(gradient => Scale(gradient) > 0)), ("largest_difference", difference), ("of", name), ("plain_peak_mib", plainPeak), ("replay_peak_mib", replayPeak), ("error", error));
            }
        return same;
    }

    // Of all gradients together, in lengths of those in fp32 without dropout and in layers as they are written.
    private static bool Distances(Options options, Report report)
    {
        var near = true;
        foreach (var (shape, batch, segments) in Lines(options, [7]).Select(line => (line.Shape, line.Batch, line.Segments)).Distinct())
        {
            using var scope = NewDisposeScope();
            IReadOnlyList<Tensor?> Of(string type, bool plainOps)
            {
                using var work = new TrainingWork(shape, batch, segments, Shorter, dropout: 0, type, options.Device, plainOps);
                return work.Gradients(TrainingMeasure.Methods["plain"].Way);
            }
            var truth = Of("fp32", plainOps: true);
            var length = Length(truth);
            foreach (var (type, ops) in options.Types.SelectMany(type => type == "fp32" ? [(type, "fused")] : new[] { (type, "plain"), (type, "fused") }))
            {
                var distance = Length([.. truth.Zip(Of(type, ops == "plain"), (a, b) => a is null || b is null ? a ?? b : a - b)]) / length;
                near &= type != "fp32" || distance <= Tolerance;
                report.Add(("shape", shape), ("segments", segments), ("batch", batch), ("dtype", type), ("device", options.Device), ("ops", ops), ("distance", distance));
            }
        }
        return near;
    }

    private static double Length(IReadOnlyList<Tensor?> gradients) => Math.Sqrt(gradients.Sum(gradient => gradient?.to(float64).square().sum().ToDouble() ?? 0));

    private static (IReadOnlyList<Tensor?>? Gradients, double? Peak, string? Error) Gradients(TrainingWork work, string method)
    {
        work.ForgetPeak();
        try
        {
            return (work.Gradients(TrainingMeasure.Methods[method].Way), work.Peak(), null);
        }
        catch (ExternalException error)
        {
            return (null, null, FirstLine(error));
        }
    }

    // Relative to the largest number of the gradient. Where that is a millionth of the largest of all, there is only rounding to compare: a key's bias changes nothing.
    private static (string Name, double? Difference) Furthest(IReadOnlyList<string> names, IReadOnlyList<Tensor?> expected, IReadOnlyList<Tensor?> found)
    {
        using var scope = NewDisposeScope();
        var least = expected.Max(Scale) * 1e-6;
        return names.Select((name, i) => (name, (double?)Difference(expected[i], found[i], least))).MaxBy(entry => entry.Item2);
    }

    private static double Difference(Tensor? expected, Tensor? found, double least) =>
        expected is null || found is null ? Math.Max(Scale(expected), Scale(found)) > 0 ? 1 : 0
        : Scale(expected) > least ? Scale(expected - found) / Scale(expected)
        : Scale(found) > 2 * least ? 1 : 0;

    private static double Scale(Tensor? gradient) => gradient?.abs().max().ToDouble() ?? 0;

    private static IEnumerable<(string Shape, string Type, int Batch, int Segments)> Lines(Options options, IReadOnlyList<int> segments) =>
        from shape in options.Shapes from type in options.Types from batch in options.Batches from number in options.Segments.Count > 0 ? options.Segments : segments select (shape, type, batch, number);

    private static string FirstLine(Exception error) => error.Message.Split('\n')[0];
}
