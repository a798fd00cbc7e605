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
        var dice = new Random(8);
        var texts = Enumerable.Range(0, 30).Select(i => string.Join(' ', Enumerable.Range(0, i % 10 == 0 ? 5000 : dice.Next(50, 1500)).Select(_ => Words[dice.Next(Words.Length)]))).ToList();
        using var classifier = RmtCheckpoint.Load(Models.Embedded, new HubCache("none"));
        using var a = await ReadyAsync();
        using var b = await ReadyAsync();
        foreach (var (i, text) in texts.Index())
        {
            using var answer = await (i % 2 == 0 ? a : b).Http.PostAsJsonAsync("/v1/documents", new { id = $"d{i}", text }, Served.Cancellation);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        }
        var segments = 0;
        foreach (var (i, text) in texts.Index())
        {
            var asked = i % 3 == 0 ? a : b;
            _ = await asked.Http.GetStringAsync($"/v1/documents/d{i}/events", Served.Cancellation);     // ends with the document
            var (answer, expected) = (await asked.GetAsync($"/v1/documents/d{i}"), classifier.Classify(text));
            Assert.Equal(("done", 1), (answer.GetProperty("status").GetString(), answer.GetProperty("attempts").GetInt32()));
            foreach (var (label, score) in expected.Prediction.Scores)
                Assert.Equal(score, answer.GetProperty("scores").GetProperty(label).GetDouble(), 1e-4);
            segments += expected.Segments;
        }
        // Counted right after they are kept.
        var (here, there) = (0, 0);
        for (var look = 0; look < 100 && here + there < segments; look++)
        {
            await Task.Delay(20, Served.Cancellation);
            (here, there) = (await SegmentsAsync(a), await SegmentsAsync(b));
        }
        Assert.Equal((segments, true, true), (here + there, here > 0, there > 0));
        Assert.Equal(0, (await b.GetAsync("/v1/dead-letters")).GetProperty("documents").GetArrayLength());
        Assert.Equal((0, 0), (await a.TerminateAsync(), await b.TerminateAsync()));
    }

    private async Task<Served> ReadyAsync()
    {
        var service = await new Served("--store", _folder["rmt.db"], "--threads", "1", "--batch", "2").ListeningAsync();
        while (!(await service.Http.GetAsync("/health/ready", Served.Cancellation)).IsSuccessStatusCode)
            await Task.Delay(50, Served.Cancellation);
        return service;
    }

    private static async Task<int> SegmentsAsync(Served service) =>
        int.Parse((await service.Http.GetStringAsync("/metrics", Served.Cancellation)).Split('\n').First(line => line.StartsWith("rmt_segments_total ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
}
