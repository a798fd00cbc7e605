using System.Diagnostics;
using Rmt.Adapter;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Benchmarks;

/// <summary>Documents of mixed lengths, round after round: nothing may grow that a service would run out of.</summary>
internal sealed class SoakBenchmark : IBenchmark
{
    private const int BatchSize = 8, MemoryTokens = 10, DocumentsOfARound = 64, Rows = 20;
    private const double Tolerance = 0.02, WarmUp = 0.2;

    public string Name => "soak";

    public string Description => "resident memory, live tensors and open handles over --segments segments through the scheduler; goal: none grows";

    public bool OnlyWhenNamed => true;

    /// <param name="Segments">Read so far.</param>
    /// <param name="Seconds">Since the beginning.</param>
    /// <param name="Resident">Bytes.</param>
    /// <param name="Managed">Bytes of the .NET heap, garbage that is not collected yet included.</param>
    /// <param name="Tensors">Live ones.</param>
    /// <param name="Handles">Open files.</param>
    private sealed record Sample(int Segments, double Seconds, long Resident, long Managed, long Tensors, int Handles);

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
        var samples = new List<Sample>();
        foreach (var sample in Read(model, config.VocabSize, segments, report))
        {
            var before = samples.Count == 0 ? 0 : samples[^1].Segments;
            samples.Add(sample);
            if (sample.Segments * (long)Rows / segments == before * (long)Rows / segments) continue;
            report.Add(
                ("segments", sample.Segments), ("seconds", sample.Seconds), ("resident_mb", sample.Resident / 1e6), ("managed_mb", sample.Managed / 1e6),
                ("tensors", sample.Tensors), ("handles", sample.Handles));
        }
        return Judge(samples, report);
    }

    // One sample a round, when every document is read: then only the model's own tensors may be alive.
    private static IEnumerable<Sample> Read(RecurrentClassifier model, int vocabulary, int segments, Report report)
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
            yield return new(read, clock.Elapsed.TotalSeconds, ProcessMemory.Resident(), GC.GetTotalMemory(false), Tensor.TotalCount, ProcessMemory.Handles());
            if (clock.Elapsed < told + TimeSpan.FromSeconds(10)) continue;
            told = clock.Elapsed;
            report.Say($"{read:N0} of {segments:N0} segments, {told.TotalSeconds:N0} s");
        }
    }

    private static bool Judge(List<Sample> samples, Report report)
    {
        var warm = samples.Skip((int)(samples.Count * WarmUp)).ToList();
        var (early, late) = (warm.Take(warm.Count / 4).ToList(), warm.Skip(warm.Count - warm.Count / 4).ToList());
        double Change(Func<Sample, double> of, Func<double, double, double> compare) => compare(late.Select(of).Median(), early.Select(of).Median());
        var growth = Change(sample => sample.Resident, (last, first) => last / first - 1);
        var handles = Change(sample => sample.Handles, (last, first) => last - first);     // the runtime opens some of its own, now and then
        var tensors = samples[^1].Tensors - samples[0].Tensors;
        report.Say($"resident memory grew by {growth:P2} between the fifth and the last fifth of the work (at most {Tolerance:P0} is taken for noise), live tensors by {tensors}, handles by {handles}");
        return growth <= Tolerance && tensors == 0 && handles <= 0;
    }
}
