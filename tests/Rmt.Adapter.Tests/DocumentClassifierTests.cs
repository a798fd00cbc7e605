using System.Text.Json;
using Rmt.Loaders;
using Rmt.Testing;
using static TorchSharp.torch;

namespace Rmt.Adapter.Tests;

public sealed class DocumentClassifierTests
{
    private const int Reviews = 40;     // of 500; the rest is compared by the benchmarks

    [Fact]
    public void Long_reviews_get_the_labels_scores_tokens_and_segments_of_the_authors_code()
    {
        using var classifier = RmtCheckpoint.Load(Shared.Path("models", "minilm-rmt-reviews"), HubCache.FromEnvironment());
        set_num_threads(Environment.ProcessorCount);
        var texts = new[] { "valid", "test" }.SelectMany(name => Lines("data", "reviews", $"{name}.jsonl"))
            .ToDictionary(line => line.GetProperty("id").GetString()!, line => line.GetProperty("text").GetString()!);
        var all = Lines("golden", "reviews-scores.jsonl").ToList();
        var expected = all.Where((_, i) => i % (all.Count / Reviews) == 0).ToList();
        var answers = classifier.Classify([.. expected.Select(line => texts[line.GetProperty("id").GetString()!])], cancellation: TestContext.Current.CancellationToken);
        foreach (var (line, answer) in expected.Zip(answers))
        {
            var id = line.GetProperty("id").GetString();
            Assert.Equal((id, line.GetProperty("label").GetString()), (id, answer.Prediction.Label));
            Assert.Equal(line.GetProperty("tokens").GetInt32(), answer.TokensTotal);
            Assert.Equal(line.GetProperty("segments").GetInt32(), answer.Segments);
            Assert.False(answer.Truncated);
            foreach (var (label, score) in answer.Prediction.Scores)
                Assert.Equal(line.GetProperty("scores").GetProperty(label).GetDouble(), score, 5e-5);
        }
    }

    [Fact]
    public void Classifying_loading_and_cancelling_leave_no_tensor_behind()
    {
        var folder = Shared.Path("models", "minilm-rmt-reviews");
        var before = Leaks.Baseline();
        using (var classifier = RmtCheckpoint.Load(folder, HubCache.FromEnvironment()))
        {
            var loaded = Tensor.TotalCount;
            _ = classifier.Classify("a film that is not as bad as it sounds .");
            Leaks.Same(loaded);
            using var cancellation = new CancellationTokenSource();
            cancellation.Cancel();
            Assert.Throws<OperationCanceledException>(() => classifier.Classify(["good"], cancellation: cancellation.Token));
            Leaks.Same(loaded);
        }
        Leaks.Same(before);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t ")]
    [InlineData("[SEP][CLS] [PAD]")]
    public void A_text_without_content_is_a_document_of_one_segment(string text)
    {
        using var classifier = RmtCheckpoint.Load(Shared.Path("models", "minilm-rmt-reviews"), HubCache.FromEnvironment());
        var answer = classifier.Classify(text);
        Assert.Equal((0, 0, 1, false), (answer.TokensTotal, answer.TokensRead, answer.Segments, answer.Truncated));
        Assert.Equal(1, answer.Prediction.Scores.Sum(score => score.Value), 1e-9);
    }

    private static IEnumerable<JsonElement> Lines(params string[] parts) =>
        File.ReadLines(Shared.Path(parts)).Select(line => JsonDocument.Parse(line).RootElement);
}
