using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Rmt.Adapter;
using Rmt.Host.Reading;
using Rmt.Host.Tests.Doubles;
using Rmt.Loaders;
using Rmt.Testing;

namespace Rmt.Host.Tests.Serving;

/// <summary>A service that is killed, wherever it is, answers every document that it accepted, rightly and once. RMT_TEST_KILLS says how often, RMT_TEST_DOCUMENTS how many of 50 to 5,000 tokens, RMT_TEST_LONG_DOCUMENTS how many of 200,000; 4, 30, and 2 of 20,000 if they do not.</summary>
public sealed class KilledServiceTests : IDisposable
{
    private const int CharactersOfASegment = 2300;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static int Number(string variable, int orElse) => int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : orElse;

    private static readonly string[] Words = ["Sandra", "went", "back", "to", "the", "garden", "Mary", "is", "in", "kitchen", "office", "it", "rained", "for", "a", "week", "where", "."];

    private static string Text(Random dice, int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Words[dice.Next(Words.Length)]));

    private sealed record Sent(string Id, string Text);

    [Fact]
    public async Task Killed_at_random_moments_it_answers_all_documents_rightly_and_each_once()
    {
        var dice = new Random(6);
        var (kills, longs) = (Number("RMT_TEST_KILLS", 4), Number("RMT_TEST_LONG_DOCUMENTS", 0));
        var @long = longs > 0 ? 200_000 : 20_000;
        longs = longs > 0 ? longs : 2;
        var count = Number("RMT_TEST_DOCUMENTS", 30) + longs;
        var documents = Enumerable.Range(0, count).Select(i => new Sent($"d{i}", Text(dice, i * longs / count < (i + 1) * longs / count ? @long : (int)(50 * Math.Pow(100, dice.NextDouble()))))).ToList();
        var segmentsOfAKill = 2 + documents.Sum(document => document.Text.Length) / CharactersOfASegment / kills;
        var service = await StartAsync();
        try
        {
            for (var (next, kill) = (0, 0); next < documents.Count || kill < kills;)
            {
                // Half die while documents are being sent, the others while they are read.
                if (next < documents.Count && await TrySendAsync(service, documents[next]))
                    next++;
                if (next < documents.Count && dice.Next(Math.Max(1, 2 * count / kills)) > 0 || kill == kills)
                    continue;
                // One in four wherever it is, also while it loads its model; the others in the middle of reading.
                if (kill % 4 != 3)
                    await HasReadAsync(service, dice.Next(1, segmentsOfAKill));
                await Task.Delay(dice.Next(0, 300), Served.Cancellation);
                service.Kill();
                service.Dispose();
                service = await StartAsync();
                kill++;
                if (next > 0)
                    Assert.True(await TrySendAsync(service, documents[next - 1]));      // the sender cannot know whether it came: again is no other
            }
            await IsAllRightAsync(service, documents);
            Assert.Equal(0, await service.TerminateAsync());
        }
        finally
        {
            service.Dispose();
        }
    }

    private Task<Served> StartAsync() => new Served("--store", _folder["rmt.db"], "--threads", "1").ListeningAsync();

    // So many segments in this process, or all there is.
    private static async Task HasReadAsync(Served service, int segments)
    {
        while ((await service.GetAsync("/v1/documents?status=queued&limit=1")).GetProperty("documents").GetArrayLength() + (await service.GetAsync("/v1/documents?status=running&limit=1")).GetProperty("documents").GetArrayLength() > 0)
        {
            var metrics = await service.Http.GetStringAsync("/metrics", Served.Cancellation);
            if (metrics.Split('\n').First(line => line.StartsWith("rmt_segments_total ", StringComparison.Ordinal)).Split(' ')[1] is var read && int.Parse(read, CultureInfo.InvariantCulture) >= segments)
                return;
            await Task.Delay(20, Served.Cancellation);
        }
    }

    private static async Task<bool> TrySendAsync(Served service, Sent document)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/documents") { Content = JsonContent.Create(new { id = document.Id, text = document.Text }) };
        request.Headers.Add("Idempotency-Key", document.Id);
        using var response = await service.Http.SendAsync(request, Served.Cancellation);
        return response.StatusCode == HttpStatusCode.Accepted;
    }

    private static async Task IsAllRightAsync(Served service, List<Sent> documents)
    {
        using var classifier = RmtCheckpoint.Load(Models.Embedded, new HubCache("none"));
        var attempts = 0;
        foreach (var document in documents)
        {
            // The stream of events ends with the document.
            var events = await service.Http.GetStringAsync($"/v1/documents/{document.Id}/events", Served.Cancellation);
            var answer = await service.GetAsync($"/v1/documents/{document.Id}");
            var expected = classifier.Classify(document.Text);
            Assert.True(answer.GetProperty("status").GetString() == "done", answer.ToString());
            Assert.Equal(expected.Prediction.Label, answer.GetProperty("label").GetString());
            foreach (var (label, score) in expected.Prediction.Scores)
                Assert.Equal(score, answer.GetProperty("scores").GetProperty(label).GetDouble(), 1e-4);
            Assert.Equal((expected.TokensTotal, expected.Segments), (answer.GetProperty("tokens_read").GetInt32(), answer.GetProperty("segments").GetInt32()));
            Assert.Equal(Enumerable.Range(1, expected.Segments), Segments(events));
            attempts = Math.Max(attempts, answer.GetProperty("attempts").GetInt32());
        }
        Assert.InRange(attempts, 2, int.MaxValue);       // some were on their way when it was killed
        Assert.Equal(documents.Count, await CountAsync(service));
        Assert.Equal(0, (await service.GetAsync("/v1/dead-letters")).GetProperty("documents").GetArrayLength());
    }

    private static async Task<int> CountAsync(Served service)
    {
        var count = 0;
        for (var after = ""; ;)
        {
            var page = await service.GetAsync($"/v1/documents?limit=1000{after}");
            count += page.GetProperty("documents").GetArrayLength();
            if (page.GetProperty("next").GetString() is not { } next)
                return count;
            after = $"&after={next}";
        }
    }

    private static IEnumerable<int> Segments(string events) => events.Split("\n\n").Where(one => one.StartsWith("event: segment\n", StringComparison.Ordinal))
        .Select(one => JsonDocument.Parse(one[(one.IndexOf("data: ", StringComparison.Ordinal) + 6)..]).RootElement.GetProperty("segment").GetInt32());
}
