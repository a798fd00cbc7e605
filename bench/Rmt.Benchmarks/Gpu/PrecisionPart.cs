using System.Diagnostics;
using System.Text.Json;
using Rmt.Adapter;
using Rmt.Loaders;
using TorchSharp;

namespace Rmt.Benchmarks.Gpu;

/// <summary>Documents read by a saved model in float32, in bfloat16 layer by layer, and in bfloat16 as it is read by itself.</summary>
internal sealed class PrecisionPart : IGpuPart
{
    public string Name => "precision";

    public bool Run(GpuRun run)
    {
        if (run.Options.Model is null || run.Options.Data is null)
        {
            run.Report.Say("precision: left out, it needs a saved model and documents: --model DIR --data FILE.jsonl");
            return true;
        }
        var texts = Texts(run.Options.Data);
        var exact = Scores(run, texts, "float32", torch.float32, plain: false, fast: false)!;
        var plain = Compare(run, exact, texts, "bfloat16, plain", plain: true, fast: false)!;
        var right = true;
        foreach (var fast in new[] { false, true })
            if (Compare(run, exact, texts, fast ? "bfloat16, fast GELU" : "bfloat16", plain: false, fast, plain) is { } found)
                right &= fast || found.IsNoWorseThan(plain);
        return right;
    }

    private ScoreDifference? Compare(GpuRun run, IReadOnlyList<IReadOnlyList<double>> exact, IReadOnlyList<string> texts, string what, bool plain, bool fast, ScoreDifference? beside = null)
    {
        if (Scores(run, texts, what, torch.bfloat16, plain, fast) is not { } scores) return null;
        var found = ScoreDifference.Of(exact, scores);
        run.Report.Add(
            ("part", Name), ("type", what), ("documents", scores.Count), ("largest_difference", found.Largest), ("mean_difference", found.Mean), ("flips", found.Flips.Count),
            ("widest_flip", found.WidestFlip), ("flips_at", string.Join(' ', found.Flips.Select(distance => GpuRun.Text(Math.Round(distance, 4))))),
            ("no_worse_than_plain", beside is null ? null : found.IsNoWorseThan(beside)));
        return found;
    }

    private IReadOnlyList<IReadOnlyList<double>>? Scores(GpuRun run, IReadOnlyList<string> texts, string what, torch.ScalarType type, bool plain, bool fast)
    {
        run.ForgetPeak();
        using var loaded = RmtCheckpoint.Load(run.Options.Model!, HubCache.FromEnvironment(), device: run.Device, type: type);
        if (fast && !GeluChoice.TryTakeFast(loaded.Model.Adapter.Backbone)) return null;
        // The same weights behind a port that offers nothing beside.
        var classifier = plain ? new DocumentClassifier(loaded.Tokenizer, loaded.Segmenter, Plain(loaded.Model, run.Device, type), loaded.Labels) : loaded;
        var clock = Stopwatch.StartNew();
        var answers = classifier.Classify(texts, run.LargeBatch);
        var seconds = clock.Elapsed.TotalSeconds;
        if (plain) classifier.Dispose();
        run.Report.Add(
            ("part", Name), ("type", what), ("documents", texts.Count), ("segments", answers.Sum(answer => answer.Segments)), ("tokens", answers.Sum(answer => answer.TokensRead)), ("seconds", seconds),
            ("segments_per_s", answers.Sum(answer => answer.Segments) / seconds), ("peak_mib", run.PeakMib()));
        return [.. answers.Select(answer => answer.Prediction.Scores.Select(score => score.Value).ToArray())];
    }

    private static RecurrentClassifier Plain(RecurrentClassifier model, torch.Device device, torch.ScalarType type)
    {
        var plain = new RecurrentClassifier(new(new PlainBackbone(model.Adapter.Backbone), model.Adapter.Layout), model.Labels);
        plain.to(device, type);
        _ = plain.load_state_dict(model.state_dict());
        plain.eval();
        return plain;
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
