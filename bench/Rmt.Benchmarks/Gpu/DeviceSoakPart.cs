using System.Diagnostics;
using Rmt.Adapter;
using Rmt.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Benchmarks.Gpu;

/// <summary>Memory of process and device at one moment at which no document is open.</summary>
/// <param name="Steps">So far.</param>
/// <param name="Seconds">Since the beginning.</param>
/// <param name="Allocated">Bytes that tensors hold on the device, those of recorded steps left out, of which each new shape brings some; null where it does not tell.</param>
/// <param name="Reserved">Bytes that libtorch has taken from it.</param>
/// <param name="Tensors">Live ones, likewise.</param>
/// <param name="Resident">Bytes of the process.</param>
internal sealed record DeviceSample(long Steps, double Seconds, long? Allocated, long? Reserved, long Tensors, long Resident);

/// <summary>Steps of changing batch sizes and windows: device memory must be flat.</summary>
internal sealed class DeviceSoakPart : IGpuPart
{
    private const int Samples = 50, Rows = 10, MostRows = 32, MostSegments = 3;

    public string Name => "soak";

    public bool Run(GpuRun run)
    {
        // Of the shapes the smallest that is common: what may grow does not ask how large the layers are.
        var shape = run.Options.Given.Contains("--shape") ? run.Options.Shapes[^1] : "mini";
        using var model = run.Model(shape, run.Way);
        if (model is null) return true;
        var samples = new List<DeviceSample>();
        foreach (var sample in Read(model, run))
        {
            samples.Add(sample);
            if (samples.Count % (Samples / Rows) != 0) continue;
            run.Report.Add([
                ("part", Name), ("shape", shape), ("variant", run.Way.Name), ("steps", sample.Steps), ("seconds", sample.Seconds), ("allocated_mib", Mib(sample.Allocated)), ("reserved_mib", Mib(sample.Reserved)),
                ("tensors", sample.Tensors), ("resident_mb", sample.Resident / 1e6), .. Way.Recorded(model)]);
        }
        var (flat, what) = DeviceSoakJudgement.IsFlat(samples);
        run.Report.Add(("part", Name), ("steps", samples[^1].Steps), ("asked", run.Steps), ("flat", flat), ("what", what));
        return flat;
    }

    // Rounds of documents, each with a batch size of its own; a sample where a round ends, so that only what is kept for later is alive.
    private static IEnumerable<DeviceSample> Read(RecurrentClassifier model, GpuRun run)
    {
        var (dice, clock, segmenter) = (new Random(RandomModel.Seed), Stopwatch.StartNew(), new Segmenter(model.Adapter.Layout));
        var tokens = RandomModel.Tokens(MostSegments * model.Adapter.Layout.TokensPerSegment);
        var (steps, sampled) = (0L, 0L);
        while (steps < run.Steps)
        {
            var batch = dice.Next(1, MostRows + 1);
            using (var scheduler = new SegmentScheduler(model, segmenter, batch) { AnswersOnly = dice.Next(2) == 0 })
            {
                // As many documents as rows or fewer, so that steps are of every size up to it.
                for (var i = dice.Next(1, batch + 1); i > 0; i--) _ = scheduler.Add(tokens.AsMemory(0, (int)Math.Pow(tokens.Length, dice.NextDouble())));
                for (; scheduler.Count > 0; steps++) _ = scheduler.Step();
            }
            var last = steps >= run.Steps || run.Limit.Left <= 0;
            if (steps * Samples / run.Steps == sampled && !last) continue;
            sampled = steps * Samples / run.Steps;
            yield return Sample(model, run, steps, clock.Elapsed.TotalSeconds);
            if (last) yield break;
        }
    }

    private static DeviceSample Sample(RecurrentClassifier model, GpuRun run, long steps, double seconds)
    {
        run.Wait();
        var held = model.Recorded.Held.ToList();
        var memory = run.Device.type == DeviceType.CUDA ? Allocator.Statistics(run.Device) : (MemoryStatistics?)null;
        return new(steps, seconds, memory?.Allocated - held.Sum(tensor => tensor.numel() * tensor.element_size()), memory?.Reserved, Tensor.TotalCount - held.Count, ProcessMemory.Resident());
    }

    private static double? Mib(long? bytes) => bytes / (double)(1 << 20);
}
