using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Rmt.Benchmarks.Gpu;

/// <summary>What a GPU is for: steps, a document of two million tokens, mixed lengths, training, precision, a device that fails and a soak, beside rivals in Python, in one table.</summary>
internal sealed class GpuBenchmark : IBenchmark
{
    /// <summary>What --parts may name, in the order in which they run.</summary>
    public static IReadOnlyList<IGpuPart> Parts { get; } = [new StepPart(), new DocumentPart(), new MixedPart(), new TrainingPart(), new PrecisionPart(), new FaultPart(), new DeviceSoakPart()];

    /// <summary>Seconds for all parts, where --limit does not say.</summary>
    public const double Limit = 540;

    public string Name => "gpu";

    public string Description => "steps, 4,096 segments, mixed lengths, training, precision, a device that fails, a soak, on --device cuda beside rivals in Python; one table";

    public bool OnlyWhenNamed => true;

    public bool Run(Options options, Report report)
    {
        if (options.Device == "cuda" && !cuda.is_available()) throw new InvalidOperationException("--device cuda: libtorch sees no CUDA device; --device cpu is the same in small");
        set_num_threads(options.Threads);
        var rivals = new Rivals("python3", options.Rivals ?? SharedFolder.Path("rivals"), report.Say);
        var run = new GpuRun(options, report, rivals, new(options.Given.Contains("--limit") ? options.Limit : Limit));
        return Run(run, [.. Parts.Where(part => options.Parts.Count == 0 || options.Parts.ContainsKey(part.Name))]);
    }

    /// <summary>One part after another; one that fails, or takes too long, is told, and the others go on.</summary>
    public static bool Run(GpuRun run, IReadOnlyList<IGpuPart> parts)
    {
        var right = true;
        foreach (var part in parts)
        {
            if (part is DeviceSoakPart) run.Finish();       // it takes what time there is
            if (run.Total.Left <= 0)
            {
                run.Report.Say($"{part.Name}: left out, --limit {run.Total.Seconds:0} is over");
                continue;
            }
            run.Limit = run.Total.Within(run.Options.Parts.GetValueOrDefault(part.Name));
            try
            {
                right &= part.Run(run);
            }
            catch (OperationCanceledException over)
            {
                run.Report.Add(("part", part.Name), ("error", over.Message));
            }
            catch (Exception error) when (error is ExternalException or HttpRequestException or IOException or InvalidOperationException or NotSupportedException or TimeoutException or UnauthorizedAccessException)
            {
                right = false;
                run.Report.Add(("part", part.Name), ("error", error.Message.Split('\n')[0]));
            }
        }
        run.Finish();
        return right;
    }
}
