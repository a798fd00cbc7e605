using System.Diagnostics;
using System.Text.Json;
using Rmt.Adapter;
using Rmt.Loaders;
using TorchSharp;

namespace Rmt.Benchmarks.Gpu;

/// <summary>Documents read by a saved model in float32, in bfloat16 layer by layer, and in bfloat16 and, on a GPU, float16 as a user has it read, with either form of GELU.</summary>
internal sealed class PrecisionPart : IGpuPart
{
    public string Name => "precision";

    public bool Run(GpuRun run)
    {
        if (run.Options.Model is null || run.Options.Data is null)
        {
            run.Report.Say("precision: left out, it needs a saved model and documents: --model DIR --data FILE,…");
            return true;
        }
        string[] texts = [.. run.Options.Data.Split(',').SelectMany(Texts)];
        var exact = Scores(run, texts, "float32", torch.float32, Way.Plain)!;
        var plain = Compare(run, exact, texts, torch.bfloat16, Way.Plain)!;
        var right = true;
        // On a CPU libtorch has no products in float16 everywhere.
        foreach (var type in run.Device.type == DeviceType.CUDA ? new[] { torch.bfloat16, torch.float16 } : [torch.bfloat16])
            foreach (var way in run.Ways.Where(way => !way.IsPlain))
                if (Compare(run, exact, texts, type, way, plain) is { } found)
                    right &= way.Gelu != GeluForm.Exact || found.IsNoWorseThan(plain);
        return right;
    }

    private ScoreDifference? Compare(GpuRun run, IReadOnlyList<IReadOnlyList<double>> exact, IReadOnlyList<string> texts, torch.ScalarType type, Way way, ScoreDifference? beside = null)
    {
        var what = $"{type.ToString().ToLowerInvariant()}, {way.Name}";
        if (Scores(run, texts, what, type, way) is not { } scores) return null;
        var found = ScoreDifference.Of(exact, scores);
        run.Report.Add(
            ("part", Name), ("type", what), ("documents", scores.Count), ("largest_difference", found.Largest), ("mean_difference", found.Mean), ("flips", found.Flips.Count),
            ("widest_flip", found.WidestFlip), ("flips_at", string.Join(' ', found.Flips.Select(distance => GpuRun.Text(Math.Round(distance, 4))))),
            ("no_worse_than_plain", beside is null ? null : found.IsNoWorseThan(beside)));
        return found;
    }

    private IReadOnlyList<IReadOnlyList<double>>? Scores(GpuRun run, IReadOnlyList<string> texts, string what, torch.ScalarType type, Way way)
    {
        run.ForgetPeak();
        using var classifier = RmtCheckpoint.Load(run.Options.Model!, HubCache.FromEnvironment(), device: run.Device, type: type);
        if (!run.Offers(classifier.Model, way)) return null;
        var clock = Stopwatch.StartNew();
        var answers = run.Classify(classifier, texts, run.LargeBatch);
        var seconds = clock.Elapsed.TotalSeconds;
        run.Report.Add(
            ("part", Name), ("type", what), ("documents", texts.Count), ("segments", answers.Sum(answer => answer.Segments)), ("tokens", answers.Sum(answer => answer.TokensRead)), ("seconds", seconds),
            ("segments_per_s", answers.Sum(answer => answer.Segments) / seconds), ("peak_mib", run.PeakMib()));
        return [.. answers.Select(answer => answer.Prediction.Scores.Select(score => score.Value).ToArray())];
    }

    /// <summary>The texts of a file of documents, an object with "text" a line.</summary>
    /// <exception cref="IOException">A line is no such object; named by file and line.</exception>
    public static IReadOnlyList<string> Texts(string file) => [.. File.ReadLines(file).Select((line, i) => (line, Number: i + 1)).Where(entry => !string.IsNullOrWhiteSpace(entry.line)).Select(entry =>
    {
        try
        {
            if (JsonSerializer.Deserialize<JsonElement>(entry.line) is { ValueKind: JsonValueKind.Object } record && record.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String)
                return text.GetString()!;
        }
        catch (JsonException)
        {
        }
        throw new IOException($"{file}:{entry.Number}: expected an object with \"text\"");
    })];
}
