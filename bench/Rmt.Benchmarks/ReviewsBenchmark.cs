using System.Diagnostics;
using System.Text.Json;
using Rmt.Adapter;
using Rmt.Loaders;
using TorchSharp;

namespace Rmt.Benchmarks;

/// <summary>Five hundred reviews through the classifier, beside the scores that the reference implementation gave them.</summary>
internal sealed class ReviewsBenchmark : IBenchmark
{
    private const double Tolerance = 5e-5;

    private static readonly string[] Parts = ["valid", "test"];

    public string Name => "reviews";

    public string Description => "500 long reviews: labels, scores, tokens, segments equal to the reference's; segments/s (needs ../shared, or RMT_SHARED; minutes)";

    public bool OnlyWhenNamed => true;

    private sealed record Expected(string Id, int Tokens, int Segments, string Label, Dictionary<string, double> Scores);

    public bool Run(Options options, Report report)
    {
        torch.set_num_threads(options.Threads);
        var shared = Shared();
        var texts = Parts.SelectMany(name => Records(Path.Combine(shared, "data", "reviews", name + ".jsonl")))
            .ToDictionary(record => record.GetProperty("id").GetString()!, record => record.GetProperty("text").GetString()!);
        var expected = Records(Path.Combine(shared, "golden", "reviews-scores.jsonl")).Select(Parse).ToArray();
        using var classifier = RmtCheckpoint.Load(Path.Combine(shared, "models", "minilm-rmt-reviews"), HubCache.FromEnvironment());
        report.Say($"reading {expected.Length} reviews, {expected.Sum(review => review.Segments)} segments");
        var clock = Stopwatch.StartNew();
        var answers = classifier.Classify([.. expected.Select(review => texts[review.Id])]);
        var seconds = clock.Elapsed.TotalSeconds;
        var pairs = expected.Zip(answers).ToArray();
        var labels = pairs.Count(pair => pair.First.Label != pair.Second.Prediction.Label);
        var difference = pairs.Max(Difference);
        report.Add(
            ("reviews", pairs.Length), ("threads", options.Threads), ("labels_differ", labels), ("largest_difference", difference),
            ("tokens_differ", pairs.Count(pair => pair.First.Tokens != pair.Second.TokensTotal)),
            ("segments_differ", pairs.Count(pair => pair.First.Segments != pair.Second.Segments)),
            ("seconds", seconds), ("segments_per_s", answers.Sum(answer => answer.Segments) / seconds));
        // The expected scores have six decimals, so half a millionth of the difference is theirs.
        return labels == 0 && difference <= Tolerance
            && pairs.All(pair => pair.First.Tokens == pair.Second.TokensTotal && pair.First.Segments == pair.Second.Segments);
    }

    private static double Difference((Expected Expected, Classification Found) pair) =>
        pair.Found.Prediction.Scores.Max(score => Math.Abs(score.Value - pair.Expected.Scores[score.Key]));

    private static Expected Parse(JsonElement record) => new(
        record.GetProperty("id").GetString()!, record.GetProperty("tokens").GetInt32(), record.GetProperty("segments").GetInt32(),
        record.GetProperty("label").GetString()!, record.GetProperty("scores").EnumerateObject().ToDictionary(score => score.Name, score => score.Value.GetDouble()));

    private static IEnumerable<JsonElement> Records(string file) =>
        File.ReadLines(file).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<JsonElement>(line));

    private static string Shared() => SharedFolder.Path() ?? throw new DirectoryNotFoundException($"'reviews' needs {SharedFolder.Root()}, which is not there; RMT_SHARED names another place");
}
