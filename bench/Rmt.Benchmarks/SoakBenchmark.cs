using System.Diagnostics;
using Rmt.Adapter;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Benchmarks;

/// <summary>Documents of mixed lengths, round after round: nothing may grow that a service would run out of.</summary>
internal sealed class SoakBenchmark : IBenchmark
{
    private const int BatchSize = 8, MemoryTokens = 10, DocumentsOfARound = 64, Rows = 20;

    public string Name => "soak";

    public string Description => "resident memory, live tensors and open handles over --segments segments through the scheduler; goal: none grows";

    public bool OnlyWhenNamed => true;

    public bool Run(Options options, Report report)
    {
        set_num_threads(options.Threads);
        var config = SmallModel.Config with { HiddenSize = 32, Heads = 2, IntermediateSize = 64, MaxPositions = 128 };
        using var model = SmallModel.Create(config, MemoryTokens);
        var segments = options.Segments switch
        {
            [] => 100_000,
            [var one and >= 1000] => one,
            _ => throw new FormatException($"--segments of 'soak' is one number of 1,000 or more, found '{string.Join(',', options.Segments)}'"),
        };
        var samples = new List<SoakSample>();
        foreach (var sample in Read(model, config.VocabSize, segments, report))
        {
            var before = samples.Count == 0 ? 0 : samples[^1].Segments;
            samples.Add(sample);
            if (sample.Segments * (long)Rows / segments == before * (long)Rows / segments) continue;
            report.Add(
                ("segments", sample.Segments), ("seconds", sample.Seconds), ("resident_mb", sample.Resident / 1e6), ("managed_mb", GC.GetTotalMemory(false) / 1e6),
                ("tensors", sample.Tensors), ("handles", sample.Handles));
        }
        return SoakJudgement.NothingGrew(samples, report);
    }

    // One sample a round, when every document is read: then only the model's own tensors may be alive.
    private static IEnumerable<SoakSample> Read(RecurrentClassifier model, int vocabulary, int segments, Report report)
    {
        var (dice, clock, read, told) = (new Random(1), Stopwatch.StartNew(), 0, TimeSpan.Zero);
        var segmenter = new Segmenter(model.Adapter.Layout);
        using var scheduler = new SegmentScheduler(model, segmenter, BatchSize);
        var tokens = Enumerable.Range(0, 5000).Select(_ => dice.Next(5, vocabulary)).ToArray();
        while (read < segments)
        {
            for (var i = 0; i < DocumentsOfARound; i++)
                scheduler.Add(tokens.AsMemory(0, (int)Math.Pow(tokens.Length, dice.NextDouble())));
            while (scheduler.Count > 0)
                read += scheduler.Step().Count;
            yield return new(read, clock.Elapsed.TotalSeconds, ProcessMemory.Resident(), Tensor.TotalCount, ProcessMemory.Handles());
            if (clock.Elapsed < told + TimeSpan.FromSeconds(10)) continue;
            told = clock.Elapsed;
            report.Say($"{read:N0} of {segments:N0} segments, {told.TotalSeconds:N0} s");
        }
    }
}
