using System.Diagnostics;
using System.Text.Json;
using Rmt.Adapter;
using Rmt.Loaders;
using TorchSharp;

namespace Rmt.Benchmarks.Gpu;

/// <summary>Documents read by a saved model in float32, in bfloat16 layer by layer, and in bfloat16 and, on a GPU, float16 as a user has it read, with either form of GELU;
/// of each how far it is from float32, and how far from float32 with the same weights.</summary>
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
        var exact = Scores(run, "float32", texts, torch.float32, Way.Plain)!;
        var right = true;
        PrecisionFound? plain = null;
        // On a CPU libtorch has no products in float16 everywhere.
        foreach (var type in run.Device.type == DeviceType.CUDA ? new[] { torch.bfloat16, torch.float16 } : [torch.bfloat16])
        {
            var name = type.ToString().ToLowerInvariant();
            // Rounding the weights is the type's doing, whoever computes with them.
            var rounded = Scores(run, $"float32, weights of {name}", texts, torch.float32, Way.Plain, weights: type)!;
            _ = Tell(run, $"float32, weights of {name}", exact, rounded, rounded, null);
            foreach (var way in run.Ways.Where(way => !way.IsPlain || plain is null))
            {
                if (Scores(run, $"{name}, {way.Name}", texts, type, way) is not { } scores) continue;
                var found = Tell(run, $"{name}, {way.Name}", exact, rounded, scores, plain);
                if (way.IsPlain) plain = found;
                else right &= way.Gelu != GeluForm.Exact || found.IsRightBeside(plain!, type);
            }
        }
        return right;
    }

    private PrecisionFound Tell(GpuRun run, string what, IReadOnlyList<IReadOnlyList<double>> exact, IReadOnlyList<IReadOnlyList<double>> rounded, IReadOnlyList<IReadOnlyList<double>> scores, PrecisionFound? plain)
    {
        var (inAll, arithmetic) = (ScoreDifference.Of(exact, scores), ScoreDifference.Of(rounded, scores));
        run.Report.Add(
            ("part", Name), ("type", what), ("documents", scores.Count), ("largest_difference", inAll.Largest), ("mean_difference", inAll.Mean), ("flips", inAll.Flips.Count),
            ("flips_at", string.Join(' ', inAll.Flips.Select(distance => GpuRun.Text(Math.Round(distance, 4))))), ("no_worse_than_plain", plain is null ? null : inAll.IsNoWorseThan(plain.InAll)),
            ("arithmetic_largest", arithmetic.Largest), ("arithmetic_mean", arithmetic.Mean), ("arithmetic_no_worse", plain is null ? null : arithmetic.IsNoWorseThan(plain.OfArithmetic)));
        return new(inAll, arithmetic);
    }

    private IReadOnlyList<IReadOnlyList<double>>? Scores(GpuRun run, string what, string[] texts, torch.ScalarType type, Way way, torch.ScalarType? weights = null)
    {
        run.ForgetPeak();
        using var classifier = RmtCheckpoint.Load(run.Options.Model!, HubCache.FromEnvironment(), device: run.Device, type: type);
        if (weights is { } rounded) Round(classifier.Model, rounded);
        if (!run.Offers(classifier.Model, way)) return null;
        var clock = Stopwatch.StartNew();
        var answers = run.Classify(classifier, texts, run.LargeBatch);
        var seconds = clock.Elapsed.TotalSeconds;
        run.Report.Add(
            ("part", Name), ("type", what), ("documents", texts.Length), ("segments", answers.Sum(answer => answer.Segments)), ("tokens", answers.Sum(answer => answer.TokensRead)), ("seconds", seconds),
            ("segments_per_s", answers.Sum(answer => answer.Segments) / seconds), ("peak_mib", run.PeakMib()));
        return [.. answers.Select(answer => answer.Prediction.Scores.Select(score => score.Value).ToArray())];
    }

    private static void Round(RecurrentClassifier model, torch.ScalarType type)
    {
        using var scope = torch.NewDisposeScope();
        using var unlearnt = torch.no_grad();
        foreach (var weight in model.parameters()) _ = weight.copy_(weight.to(type));
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
