using System.Runtime.InteropServices;
using Rmt.Adapter;
using Rmt.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Benchmarks.Gpu;

/// <summary>What the parts share: options, the time that is left, the rivals, and the lines so far.</summary>
internal sealed class GpuRun(Options options, Report report, Rivals rivals, TimeLimit limit)
{
    private readonly List<GpuLine> lines = [];
    private readonly HashSet<(string Shape, int Batch, int Pass)> asked = [];
    private readonly HashSet<Way> missing = [];
    private readonly Queue<Action> compiled = new(), comparisons = new();

    public Options Options { get; } = options;
    public Report Report { get; } = report;
    public Rivals Rivals { get; } = rivals;

    /// <summary>Of all parts together.</summary>
    public TimeLimit Total { get; } = limit;

    /// <summary>Of the part that runs.</summary>
    public TimeLimit Limit { get; set; } = limit;

    /// <summary>All that was measured so far.</summary>
    public IReadOnlyList<GpuLine> Lines => lines;

    /// <summary>Where our side computes.</summary>
    public Device Device { get; } = torch.device(options.Device);

    /// <summary>bf16, unless another type is asked for.</summary>
    public string Type { get; } = options.Given.Contains("--dtype") ? options.Types[0] : "bf16";

    public ScalarType ScalarType => Type switch { "bf16" => bfloat16, "fp16" => float16, _ => float32 };

    /// <summary>Windows side by side where one number is wanted, as in mixed lengths and in training.</summary>
    public int LargeBatch => Options.Given.Contains("--batch") ? Options.Batches.Max() : 32;

    /// <summary>How often steps are measured on either side, in turns.</summary>
    public int Passes => Options.Given.Contains("--pairs") ? Options.Pairs : 1;

    /// <summary>The models of the parts that measure more than one.</summary>
    public IReadOnlyList<string> Shapes => Options.Given.Contains("--shape") ? Options.Shapes : Options.Short ? ["base"] : ["base", "mini"];

    /// <summary>The model of the parts that measure one.</summary>
    public string Shape => Shapes[0];

    /// <summary>Segments of the long document.</summary>
    public int Segments => Options.Segments is [var one, ..] ? one : Options.Short ? 512 : DocumentPart.Long;

    /// <summary>Steps of the soak.</summary>
    public int Steps => Options.Given.Contains("--steps") || !Options.Short ? Options.Steps : 10_000;

    /// <summary>The rivals that are asked.</summary>
    public IReadOnlyList<string> Variants => Options.Given.Contains("--variant") || !Options.Short ? Options.Variants
        : [.. Options.Variants.Where(variant => variant.EndsWith("-graph", StringComparison.Ordinal) || (TrainingPart.Trains(variant) && variant.StartsWith("bare", StringComparison.Ordinal)))];

    /// <summary>The ways of reading that are compared: layer by layer, and either form of GELU unless one is asked for.</summary>
    public IReadOnlyList<Way> Ways => Options.Gelu is { } one ? [Way.Plain, Way] : [Way.Plain, Way.Exact, Way.Fast];

    /// <summary>The way of reading where one is measured.</summary>
    public Way Way => Options.Gelu == GeluForm.Fast ? Way.Fast : Way.Exact;

    /// <summary>Seconds of one measurement.</summary>
    public double Seconds => Options.Given.Contains("--seconds") ? Options.Seconds : Options.Short ? 0.4 : 1;

    /// <summary>Takes a line and tells it.</summary>
    public GpuLine Add(GpuLine line)
    {
        lines.Add(line);
        line.AddTo(Report);
        return line;
    }

    /// <summary>Takes lines that were told.</summary>
    public void Take(IEnumerable<GpuLine> told) => lines.AddRange(told);

    /// <summary>Measures one of our lines. Where it fails on the device, that is the line, and the others go on.</summary>
    public GpuLine Measure(GpuLine line, Func<GpuLine, GpuLine> measure)
    {
        ForgetPeak();
        try
        {
            Limit.ThrowIfOver();
            return Add(measure(line));
        }
        catch (Exception error) when (error is ExternalException or NotSupportedException or OperationCanceledException)
        {
            return Add(line with { Error = error.Message.Split('\n')[0] });
        }
    }

    /// <summary>A random model that reads in a way. Null where its backbone has no such form of GELU, which is told.</summary>
    public RecurrentClassifier? Model(string shape, Way way)
    {
        ForgetPeak();
        var model = RandomModel.Create(shape, ScalarType, Device);
        if (Offers(model, way)) return model;
        model.Dispose();
        return null;
    }

    /// <summary>Has a model read in a way. False where its backbone has no such form of GELU, which is told; then nothing is changed.</summary>
    public bool Offers(RecurrentClassifier model, Way way)
    {
        try
        {
            way.Take(model);
            return true;
        }
        catch (NotSupportedException error)
        {
            if (missing.Add(way)) Report.Say($"{way.Name}: left out, {error.Message}");
            return false;
        }
    }

    /// <summary>The rivals of a shape and of so many documents side by side, with the long document where that is one; once a pass, whoever asks. What has to be
    /// compiled takes minutes for that, and comes at the end.</summary>
    /// <param name="shape">Of the model.</param>
    /// <param name="batches">All that are wanted: one process reads all of them.</param>
    /// <param name="pass">From 0.</param>
    public void AskRivals(string shape, IReadOnlyList<int> batches, int pass)
    {
        var wanted = batches.Where(batch => asked.Add((shape, batch, pass))).ToArray();
        foreach (var some in new[] { wanted.Where(batch => batch == 1).ToArray(), [.. wanted.Where(batch => batch > 1)] })
        {
            var variants = Variants.Where(variant => !TrainingPart.Trains(variant)).ToLookup(variant => variant.EndsWith("compile", StringComparison.Ordinal));
            if (some.Length == 0) continue;
            Ask([.. variants[false]], Limit);
            if (pass == 0) compiled.Enqueue(() => Ask([.. variants[true]], Total));

            void Ask(string[] which, TimeLimit limit)
            {
                if (which.Length == 0) return;
                ForgetPeak();       // what we no longer need is theirs
                string[] document = some is [1] ? ["--segments", Text(Segments)] : [];
                var expected = some.SelectMany(batch => which.Select(variant => new GpuLine(StepPart.Steps, shape, batch, GpuLine.Them, variant))).ToArray();
                Take(Rivals.Run("infer.py", expected, limit.Left, line => line.AddTo(Report),
                    ["--device", Options.Device, "--dtype", Type, "--seconds", Text(Seconds), "--batch", .. some.Select(batch => Text(batch)), .. document]));
            }
        }
    }

    /// <summary>Tells how one of our lines stands, when all rivals were asked.</summary>
    /// <param name="ours">The line; of several passes any.</param>
    /// <param name="goal">In words.</param>
    /// <param name="met">Whether it is met; null where there is nothing to tell it by.</param>
    /// <param name="rivals">Which variants are its rivals; null: all.</param>
    public void CompareAtEnd(GpuLine ours, string? goal, Func<Comparison, bool?> met, Func<string, bool>? rivals = null) => comparisons.Enqueue(() =>
    {
        var comparison = Comparison.Of(ours, lines, rivals);
        comparison.AddTo(Report, goal, met(comparison));
    });

    /// <summary>Asks the rivals that are compiled, as far as time goes, and compares. What was done is not done again.</summary>
    public void Finish()
    {
        while (compiled.TryDequeue(out var ask))
            if (Total.Left > 0) ask();
        while (comparisons.TryDequeue(out var compare)) compare();
    }

    /// <summary>The answers to texts, if there is time for them.</summary>
    /// <exception cref="OperationCanceledException">There is not.</exception>
    public IReadOnlyList<Classification> Classify(DocumentClassifier classifier, IReadOnlyList<string> texts, int batchSize)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(Limit.Left));
        try
        {
            return classifier.Classify(texts, batchSize, cancellation: over.Token);
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException(Limit.NotReached);
        }
    }

    /// <summary>Gives back what no tensor holds, and lets <see cref="PeakMib"/> count from now.</summary>
    public void ForgetPeak()
    {
        if (Device.type != DeviceType.CUDA) return;
        Allocator.EmptyCache();
        Allocator.ResetPeak(Device);
    }

    /// <summary>The most that tensors held on the device; null where it does not tell.</summary>
    public double? PeakMib() => Device.type == DeviceType.CUDA ? Allocator.Statistics(Device).AllocatedPeak / (double)(1 << 20) : null;

    /// <summary>Until the device is done.</summary>
    public void Wait()
    {
        if (Device.type == DeviceType.CUDA) cuda.synchronize(Device);
    }

    public static string Text(double number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
