using Rmt.Adapter;
using Rmt.Bert;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Benchmarks;

/// <summary>How full the scheduler keeps its batches. Only the choice is of interest, so the BERT inside is as small as one can be.</summary>
internal sealed class SchedulerBenchmark : IBenchmark
{
    private const double Goal = 0.95;
    private const int BatchSize = 8, Window = 512, MemoryTokens = 10, Seeds = 3;

    public string Name => "scheduler";

    public string Description => "mean occupancy of batches of 8 over documents of mixed lengths; goal: ≥ 95 %";

    public bool OnlyWhenNamed => false;

    /// <param name="Name">Which documents, and how they come.</param>
    /// <param name="Documents">How many.</param>
    /// <param name="Open">Most documents the scheduler holds at once; a new one comes when one is finished.</param>
    /// <param name="Length">Tokens of the next one.</param>
    private sealed record Workload(string Name, int Documents, int Open, Func<Random, int> Length);

    private static readonly Workload[] Workloads =
    [
        new("mixed, all at once", 200, int.MaxValue, Mixed),
        new("mixed, 32 open", 200, 32, Mixed),
        new("reviews, all at once", 500, int.MaxValue, Lengths.Review),
        new("reviews, 16 open", 500, 16, Lengths.Review),
    ];

    public bool Run(Options options, Report report)
    {
        set_num_threads(options.Threads);
        using var model = Smallest();
        var full = true;
        foreach (var workload in Workloads)
            for (var seed = 1; seed <= Seeds; seed++)
                full &= Measure(workload, seed, model, report);
        return full;
    }

    private static bool Measure(Workload workload, int seed, RecurrentClassifier model, Report report)
    {
        var dice = new Random(seed);
        var segmenter = new Segmenter(model.Adapter.Layout);
        var coming = new Queue<int>(Enumerable.Range(0, workload.Documents).Select(_ => workload.Length(dice)));
        using var scheduler = new SegmentScheduler(model, segmenter, BatchSize);
        var (steps, read, positions, used, least) = (0, 0, 0L, 0L, 0);
        while (true)
        {
            while (coming.Count > 0 && scheduler.Count < workload.Open)
                least = Math.Max(least, steps + scheduler.Add(new int[coming.Dequeue()]).Segments.Count);
            if (scheduler.Count == 0) break;
            var windows = scheduler.Step().Select(reading => Length(segmenter.Layout, reading)).ToArray();
            (steps, read) = (steps + 1, read + windows.Length);
            (positions, used) = (positions + BatchSize * (long)windows.Max(), used + windows.Sum());
        }
        var occupancy = read / (double)steps / BatchSize;
        // One that comes late and is long is alone at the end whatever is chosen: the goal is for documents that are there from the start.
        bool? met = workload.Open == int.MaxValue ? occupancy >= Goal : null;
        report.Add(
            ("workload", workload.Name), ("seed", seed), ("documents", workload.Documents), ("segments", read), ("steps", steps),
            ("least_steps", Math.Max(least, (read + BatchSize - 1) / BatchSize)),
            ("occupancy", occupancy), ("positions_used", used / (double)positions), ("goal_met", met));
        return met ?? true;
    }

    private static int Length(SegmentLayout layout, SegmentReading reading)
    {
        var (_, tokens) = reading.Document.Segments[reading.Segment].GetOffsetAndLength(reading.Document.Tokens.Length);
        return layout.WindowOf(tokens);
    }

    private static int Mixed(Random dice) => Lengths.LogUniform(dice, 10, 200_000);

    private static RecurrentClassifier Smallest()
    {
        manual_seed(1);
        var config = new BertConfig { VocabSize = 3, HiddenSize = 4, Layers = 1, Heads = 1, IntermediateSize = 4, MaxPositions = Window };
        var model = new RecurrentClassifier(new(new BertBackbone(new BertModel(config)), new(Window, MemoryTokens, new(Pad: 0, Cls: 1, Sep: 2))), labels: 2);
        model.eval();
        return model;
    }
}
