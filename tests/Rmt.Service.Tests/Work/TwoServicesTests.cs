using System.Globalization;
using System.Net;
using Rmt.Service.Tests.Doubles;

namespace Rmt.Service.Tests.Work;

/// <summary>Two services on one store that do not agree on what day it is.</summary>
public sealed class TwoServicesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_clock_that_is_a_day_off_makes_neither_service_read_anything_twice_or_wrongly(int days)
    {
        using var stores = new Stores();
        using var classifier = TinyModels.Classifier();
        await using var right = await (await RunningService.StartAsync(Lease, new TinyModels { BatchSize = 2 }, stores.Path)).ReadyAsync();
        await using var wrong = await (await RunningService.StartAsync(Lease, new TinyModels { BatchSize = 2 }, stores.Path, new WrongClock(TimeSpan.FromDays(days)))).ReadyAsync();
        var dice = new Random(5);
        var texts = Enumerable.Range(0, 60).Select(i => TinyModels.Text(dice, i % 10 == 0 ? 2000 : dice.Next(10, 500))).ToList();
        foreach (var (i, text) in texts.Index())
            Assert.Equal(HttpStatusCode.Accepted, (await (i % 2 == 0 ? right : wrong).PostAsync("/v1/documents", new { text, id = $"d{i}" })).Status);
        var segments = 0;
        foreach (var (i, text) in texts.Index())
        {
            var answer = await (i % 3 == 0 ? right : wrong).FinishedAsync($"d{i}");
            var expected = classifier.Classify(text);
            Assert.Equal(("done", expected.Prediction.Label, 1), (answer.GetProperty("status").GetString(), answer.GetProperty("label").GetString(), answer.GetProperty("attempts").GetInt32()));
            foreach (var (label, score) in expected.Prediction.Scores)
                Assert.Equal(score, answer.GetProperty("scores").GetProperty(label).GetDouble(), 1e-5);
            Assert.InRange(answer.GetProperty("queued_at").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(-10), TimeSpan.FromMinutes(1));
            segments += expected.Segments;
        }
        // Both read, and no segment was kept twice, taken away or dropped. They are counted right after they are kept.
        var (here, there) = (0, 0);
        for (var look = 0; look < 100 && here + there < segments; look++)
        {
            await Task.Delay(20, RunningService.Cancellation);
            (here, there) = (await CountAsync(right, "rmt_segments_total"), await CountAsync(wrong, "rmt_segments_total"));
        }
        Assert.Equal((segments, true, true), (here + there, here > 0, there > 0));
        foreach (var name in new[] { "rmt_leases_expired_total", "rmt_fenced_writes_total", "rmt_redeliveries_total", "rmt_dead_letters_total" })
            Assert.Equal((name, 0, 0), (name, await CountAsync(right, name), await CountAsync(wrong, name)));
        Assert.Equal(texts.Count, (await wrong.GetAsync("/v1/documents?status=done&limit=1000")).Json.GetProperty("documents").GetArrayLength());
    }

    private static void Lease(RmtClassifierOptions options) => options.LeaseTime = TimeSpan.FromMinutes(5);

    private static async Task<int> CountAsync(RunningService service, string name) =>
        int.Parse((await service.GetAsync("/metrics")).Text.Split('\n').First(line => line.StartsWith($"{name} ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
}
