using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Rmt.Adapter;
using Rmt.Host.Reading;
using Rmt.Host.Tests.Doubles;
using Rmt.Loaders;
using Rmt.Testing;

namespace Rmt.Host.Tests.Serving;

/// <summary>Two services of a machine on one store share the work: each document is read by one of them, and either can be asked.</summary>
public sealed class TwoProcessesTests : IDisposable
{
    private static readonly string[] Words = ["Sandra", "went", "back", "to", "the", "garden", "Mary", "is", "in", "kitchen", "office", "it", "rained", "."];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_processes_on_one_store_answer_each_document_once_and_rightly()
    {
        using var a = await ReadyAsync();
        using var b = await ReadyAsync();
        await ShareAsync(a, b, Texts(30));
        Assert.Equal((0, 0), (await a.TerminateAsync(), await b.TerminateAsync()));
    }

    /// <summary>Who believed that clock would take documents from the living, erase at once what is kept for an hour, or never take anything from the dead.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_process_whose_clock_is_a_day_off_shares_the_work_and_takes_over_as_any_other(int days)
    {
        var off = TimeSpan.FromDays(days);
        using var right = await ReadyAsync();
        using var wrong = await ReadyAsync(WrongClock.By(off));
        Assert.InRange(await ClockAsync(right) - TimeProvider.System.GetUtcNow(), -Soon, Soon);
        Assert.InRange(await ClockAsync(wrong) - TimeProvider.System.GetUtcNow() - off, -Soon, Soon);

        await ShareAsync(right, wrong, Texts(10));
        foreach (var name in new[] { "rmt_leases_expired_total", "rmt_fenced_writes_total", "rmt_redeliveries_total" })
            Assert.Equal((name, 0, 0), (name, await CountAsync(right, name), await CountAsync(wrong, name)));

        // The one that is right dies with documents in its hands; what the other one says of them is right, and so is the day.
        var last = Texts(6).Select((text, i) => (Id: $"l{i}", Text: text)).ToList();
        foreach (var (id, text) in last)
            await SendAsync(right, id, text);
        for (var before = await CountAsync(right, "rmt_segments_total"); await CountAsync(right, "rmt_segments_total") == before;)
            await Task.Delay(5, Served.Cancellation);
        right.Kill();
        using var classifier = RmtCheckpoint.Load(Models.Embedded, new HubCache("none"));
        foreach (var (id, text) in last)
            await AnsweredAsync(wrong, id, classifier.Classify(text), mostAttempts: 2);
        Assert.Equal(16, (await wrong.GetAsync("/v1/documents?status=done&limit=1000")).GetProperty("documents").GetArrayLength());
        Assert.Equal(0, await wrong.TerminateAsync());
    }

    private static TimeSpan Soon => TimeSpan.FromMinutes(10);

    private static List<string> Texts(int count)
    {
        var dice = new Random(8);
        return [.. Enumerable.Range(0, count).Select(i => string.Join(' ', Enumerable.Range(0, i % 10 == 0 ? 5000 : dice.Next(50, 1500)).Select(_ => Words[dice.Next(Words.Length)])))];
    }

    // Sends documents to either, asks either for the answers; both have read, and no segment twice.
    private static async Task ShareAsync(Served a, Served b, List<string> texts)
    {
        using var classifier = RmtCheckpoint.Load(Models.Embedded, new HubCache("none"));
        foreach (var (i, text) in texts.Index())
            await SendAsync(i % 2 == 0 ? a : b, $"d{i}", text);
        var segments = 0;
        foreach (var (i, text) in texts.Index())
        {
            var expected = classifier.Classify(text);
            await AnsweredAsync(i % 3 == 0 ? a : b, $"d{i}", expected, mostAttempts: 1);
            segments += expected.Segments;
        }
        // Counted right after they are kept.
        var (here, there) = (0, 0);
        for (var look = 0; look < 100 && here + there < segments; look++)
        {
            await Task.Delay(20, Served.Cancellation);
            (here, there) = (await CountAsync(a, "rmt_segments_total"), await CountAsync(b, "rmt_segments_total"));
        }
        Assert.Equal((segments, true, true), (here + there, here > 0, there > 0));
        Assert.Equal(0, (await b.GetAsync("/v1/dead-letters")).GetProperty("documents").GetArrayLength());
    }

    private static async Task SendAsync(Served service, string id, string text)
    {
        using var answer = await service.Http.PostAsJsonAsync("/v1/documents", new { id, text }, Served.Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }

    private static async Task AnsweredAsync(Served service, string id, Classification expected, int mostAttempts)
    {
        _ = await service.Http.GetStringAsync($"/v1/documents/{id}/events", Served.Cancellation);     // ends with the document
        var answer = await service.GetAsync($"/v1/documents/{id}");
        Assert.Equal("done", answer.GetProperty("status").GetString());
        Assert.InRange(answer.GetProperty("attempts").GetInt32(), 1, mostAttempts);
        foreach (var name in new[] { "queued_at", "finished_at" })
            Assert.InRange(answer.GetProperty(name).GetDateTimeOffset() - TimeProvider.System.GetUtcNow(), -Soon, Soon);
        foreach (var (label, score) in expected.Prediction.Scores)
            Assert.Equal(score, answer.GetProperty("scores").GetProperty(label).GetDouble(), 1e-4);
    }

    private async Task<Served> ReadyAsync(IReadOnlyDictionary<string, string>? environment = null)
    {
        string[] args = ["--store", _folder["rmt.db"], "--threads", "1", "--batch", "2", "--retain", "1h"];
        var service = await new Served(args, environment ?? new Dictionary<string, string>()).ListeningAsync();
        while (!(await service.Http.GetAsync("/health/ready", Served.Cancellation)).IsSuccessStatusCode)
            await Task.Delay(50, Served.Cancellation);
        return service;
    }

    // What time it is there: the Date of an answer.
    private static async Task<DateTimeOffset> ClockAsync(Served service)
    {
        using var answer = await service.Http.GetAsync("/health/live", Served.Cancellation);
        return answer.Headers.Date!.Value;
    }

    private static async Task<int> CountAsync(Served service, string name) =>
        int.Parse((await service.Http.GetStringAsync("/metrics", Served.Cancellation)).Split('\n').First(line => line.StartsWith($"{name} ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
}
