using System.Net;
using System.Text.Json;
using Rmt.Service.Tests.Doubles;

namespace Rmt.Service.Tests.Http;

public sealed class EventsTests
{
    private sealed record ServerEvent(string Name, string? Id, JsonElement Data);

    private static async Task<List<ServerEvent>> ListenAsync(RunningService service, string id, string? lastId = null, int most = int.MaxValue, string kind = "documents")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/{kind}/{id}/events");
        if (lastId is not null)
            request.Headers.Add("Last-Event-ID", lastId);
        using var response = await service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, RunningService.Cancellation);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(RunningService.Cancellation));
        var events = new List<ServerEvent>();
        var (name, eventId) = ("", (string?)null);
        while (events.Count < most && await reader.ReadLineAsync(RunningService.Cancellation) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
                (name, eventId) = (line[7..], null);
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
                eventId = line[4..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                events.Add(new(name, eventId, JsonDocument.Parse(line[6..]).RootElement));
        }
        return events;
    }

    [Fact]
    public async Task Every_segment_is_told_once_and_in_order_and_the_document_at_its_end()
    {
        await using var service = await RunningService.StartAsync();
        _ = await service.PostAsync("/v1/documents", new { text = TinyModels.Text(new(1), 500), id = "d" });
        var events = await ListenAsync(service, "d");
        var segments = events.Where(e => e.Name == "segment").ToList();
        Assert.Equal(Enumerable.Range(1, 30), segments.Select(e => e.Data.GetProperty("segment").GetInt32()));
        Assert.All(segments, e => Assert.False(e.Data.GetProperty("trained_on_every_segment").GetBoolean()));
        Assert.Equal("finished", events[^1].Name);
        Assert.Equal(segments[^1].Data.GetProperty("label").GetString(), events[^1].Data.GetProperty("label").GetString());
        Assert.Equal(segments[^1].Data.GetProperty("score").GetDouble(), events[^1].Data.GetProperty("score").GetDouble());
    }

    [Fact]
    public async Task A_listener_comes_back_where_it_was_also_to_another_process_on_the_store()
    {
        using var stores = new Stores();
        await using var reading = await RunningService.StartAsync(store: stores.Path);
        await using var other = await RunningService.StartAsync(store: stores.Path, models: new TinyModels { IsHeld = true });
        _ = await other.PostAsync("/v1/documents", new { text = TinyModels.Text(new(1), 500), id = "d" });
        var first = (await ListenAsync(other, "d", most: 6)).Where(e => e.Name == "segment").ToList();
        var rest = (await ListenAsync(other, "d", first[^1].Id)).Where(e => e.Name == "segment").ToList();
        Assert.Equal(Enumerable.Range(1, 30), first.Concat(rest).Select(e => e.Data.GetProperty("segment").GetInt32()));
        Assert.True(rest[^1].Data.GetProperty("final").GetBoolean());
    }

    [Fact]
    public async Task Of_a_document_that_is_not_there_nothing_is_told()
    {
        await using var service = await RunningService.StartAsync();
        (await service.GetAsync("/v1/documents/none/events")).IsProblem(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task A_stream_tells_its_segments_while_its_parts_come()
    {
        await using var service = await RunningService.StartAsync();
        var text = TinyModels.Text(new(3), 100);
        Assert.Equal(HttpStatusCode.Created, (await service.PostAsync("/v1/streams", new { id = "s" })).Status);
        var listening = ListenAsync(service, "s", kind: "streams");
        for (var i = 0; i < text.Length; i += 100)
        {
            using var part = new StringContent(text[i..Math.Min(i + 100, text.Length)]);
            var taken = await service.SendAsync(HttpMethod.Put, $"/v1/streams/s/parts/{i / 100}", part);
            Assert.Equal((HttpStatusCode.OK, $"{i / 100 + 1}"), (taken.Status, taken["next_part"]));
        }
        var ended = await service.SendAsync(HttpMethod.Post, "/v1/streams/s/end");
        Assert.Equal((HttpStatusCode.Accepted, "left"), (ended.Status, ended["alignment"]));
        var done = await service.FinishedAsync("s", "streams");
        using var left = TinyModels.Classifier(alignment: Adapter.SegmentAlignment.Left);
        var expected = left.Classify(text);
        Assert.Equal(expected.Prediction.Score, done.GetProperty("score").GetDouble(), 1e-5);
        Assert.Equal((100, 100, 6), (done.GetProperty("tokens_total").GetInt32(), done.GetProperty("tokens_read").GetInt32(), done.GetProperty("segments").GetInt32()));
        Assert.Equal("right", (await service.GetAsync("/v1/streams/s"))["trained_alignment"]);
        Assert.Equal(Enumerable.Range(1, 6), (await listening).Where(e => e.Name == "segment").Select(e => e.Data.GetProperty("segment").GetInt32()));

        using var repeated = new StringContent(text[..100]);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync(HttpMethod.Put, "/v1/streams/s/parts/0", repeated)).Status);
        using var different = new StringContent("other");
        (await service.SendAsync(HttpMethod.Put, "/v1/streams/s/parts/0", different)).IsProblem(HttpStatusCode.Conflict, "part-differs");
        using var late = new StringContent("late");
        (await service.SendAsync(HttpMethod.Put, "/v1/streams/s/parts/99", late)).IsProblem(HttpStatusCode.Conflict, "stream-closed");
    }
}
