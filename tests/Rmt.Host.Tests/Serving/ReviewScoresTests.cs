using System.Globalization;
using System.Text;
using System.Text.Json;
using Rmt.Host.Tests.Doubles;
using Rmt.Testing;

namespace Rmt.Host.Tests.Serving;

/// <summary>The service on the main model, and the scores of the reference. RMT_TEST_REVIEWS says of how many reviews; 60 if it does not, there are 500.</summary>
public sealed class ReviewScoresTests
{
    private const int Short = 60;

    [Fact]
    public async Task Reviews_sent_in_one_batch_get_the_reference_s_scores()
    {
        var model = Shared.Path("models", "minilm-rmt-reviews");
        var count = int.TryParse(Environment.GetEnvironmentVariable("RMT_TEST_REVIEWS"), CultureInfo.InvariantCulture, out var number) ? number : Short;
        var expected = Lines("golden", "reviews-scores.jsonl").Take(count).ToDictionary(line => line.GetProperty("id").GetString()!);
        var reviews = Lines("data", "reviews", "valid.jsonl").Concat(Lines("data", "reviews", "test.jsonl")).Take(count);
        using var folder = new TempFolder();
        using var service = await new Served("--model", $"reviews={model}", "--store", folder["rmt.db"]).ListeningAsync();
        using var batch = new StringContent(string.Join('\n', reviews.Select(review => JsonSerializer.Serialize(new { id = review.GetProperty("id").GetString(), text = review.GetProperty("text").GetString() }))),
            Encoding.UTF8, "application/jsonl");
        _ = (await service.Http.PostAsync("/v1/documents:batch", batch, Served.Cancellation)).EnsureSuccessStatusCode();
        Assert.NotEmpty(expected);
        foreach (var (id, reference) in expected)
        {
            _ = await service.Http.GetStringAsync($"/v1/documents/{id}/events", Served.Cancellation);        // ends with the document
            var answer = await service.GetAsync($"/v1/documents/{id}");
            Assert.True(answer.GetProperty("status").GetString() == "done", answer.ToString());
            Assert.Equal(reference.GetProperty("label").GetString(), answer.GetProperty("label").GetString());
            Assert.Equal((reference.GetProperty("tokens").GetInt32(), reference.GetProperty("segments").GetInt32()), (answer.GetProperty("tokens_total").GetInt32(), answer.GetProperty("segments").GetInt32()));
            foreach (var score in reference.GetProperty("scores").EnumerateObject())
                Assert.Equal(score.Value.GetDouble(), answer.GetProperty("scores").GetProperty(score.Name).GetDouble(), 1e-4);
        }
    }

    private static IEnumerable<JsonElement> Lines(params string[] parts) => File.ReadLines(Shared.Path(parts)).Select(line => JsonDocument.Parse(line).RootElement);
}
