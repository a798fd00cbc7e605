using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Rmt.Adapter;
using Rmt.Service.Tests.Doubles;

namespace Rmt.Service.Tests.Http;

public sealed class DocumentRoutesTests
{
    private static readonly string Text = TinyModels.Text(new(1), 100);

    [Fact]
    public async Task A_document_is_accepted_answered_as_classify_does_listed_and_erased()
    {
        await using var service = await RunningService.StartAsync();
        var accepted = await service.PostAsync("/v1/documents", new { text = Text });
        Assert.Equal((HttpStatusCode.Accepted, "queued"), (accepted.Status, accepted["status"]));
        var id = accepted["id"]!;
        Assert.Equal($"/v1/documents/{id}", accepted.Headers.Location!.ToString());

        var done = await service.FinishedAsync(id);
        using var classifier = TinyModels.Classifier();
        var expected = classifier.Classify(Text);
        Assert.Equal(expected.Prediction.Label, done.GetProperty("label").GetString());
        Assert.Equal(expected.Prediction.Score, done.GetProperty("score").GetDouble(), 1e-5);
        Assert.Equal(["a", "b", "c"], done.GetProperty("scores").EnumerateObject().Select(score => score.Name));
        Assert.Equal((100, 100, 6, false), (done.GetProperty("tokens_total").GetInt32(), done.GetProperty("tokens_read").GetInt32(), done.GetProperty("segments").GetInt32(), done.GetProperty("truncated").GetBoolean()));
        Assert.Equal(("m", "hash-of-m", 1), (done.GetProperty("model").GetString(), done.GetProperty("model_hash").GetString(), done.GetProperty("attempts").GetInt32()));
        Assert.True(done.GetProperty("queued_at").GetDateTimeOffset() <= done.GetProperty("started_at").GetDateTimeOffset());
        Assert.True(done.GetProperty("started_at").GetDateTimeOffset() <= done.GetProperty("finished_at").GetDateTimeOffset());
        string[] keys = ["id", "status", "label", "score", "scores", "tokens_total", "tokens_read", "segments", "truncated", "model", "model_hash", "attempts", "queued_at", "started_at", "finished_at", "error"];
        Assert.Empty(keys.Except(done.EnumerateObject().Select(member => member.Name)));

        Assert.Equal(HttpStatusCode.NoContent, (await service.SendAsync(HttpMethod.Delete, $"/v1/documents/{id}")).Status);
        (await service.GetAsync($"/v1/documents/{id}")).IsProblem(HttpStatusCode.NotFound, "not-found");
        (await service.SendAsync(HttpMethod.Delete, $"/v1/documents/{id}")).IsProblem(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task Plain_text_UTF16_and_a_file_are_documents_too_and_truncation_is_said()
    {
        await using var service = await RunningService.StartAsync();
        using var plain = new StringContent(Text, Encoding.UTF8, "text/plain");
        using var utf16 = new ByteArrayContent([0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Text)]);
        utf16.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(Text)), "file", "a.txt" }, { new StringContent("by-form"), "id" }, { new StringContent("40"), "max_tokens" } };
        Assert.Equal("by-text", (await service.SendAsync(HttpMethod.Post, "/v1/documents?id=by-text&max_tokens=40&truncate=head_tail", plain))["id"]);
        var mark = await service.SendAsync(HttpMethod.Post, "/v1/documents", utf16);
        Assert.Equal("by-form", (await service.SendAsync(HttpMethod.Post, "/v1/documents", form))["id"]);

        using var classifier = TinyModels.Classifier();
        foreach (var (id, truncation) in new[] { ("by-text", new Truncation(40, TruncationSide.HeadTail)), (mark["id"]!, null), ("by-form", new Truncation(40)) })
        {
            var expected = classifier.Classify([Text], truncation: truncation, cancellation: RunningService.Cancellation)[0];
            var done = await service.FinishedAsync(id);
            Assert.Equal(expected.Prediction.Score, done.GetProperty("score").GetDouble(), 1e-5);
            Assert.Equal((100, expected.TokensRead, truncation is not null), (done.GetProperty("tokens_total").GetInt32(), done.GetProperty("tokens_read").GetInt32(), done.GetProperty("truncated").GetBoolean()));
        }
    }

    [Theory]
    [InlineData("{", "bad-request", 400)]
    [InlineData("null", "bad-request", 400)]
    [InlineData("{}", "bad-request", 400)]
    [InlineData("{\"text\":null}", "bad-request", 400)]
    [InlineData("{\"text\":7}", "bad-request", 400)]
    [InlineData("{\"text\":\"a\",\"colour\":1}", "bad-request", 400)]
    [InlineData("{\"text\":\"\\ud800\"}", "bad-request", 400)]
    [InlineData("{\"text\":\"a\",\"max_tokens\":0}", "max-tokens", 422)]
    [InlineData("{\"text\":\"a\",\"max_tokens\":1.5}", "bad-request", 400)]
    [InlineData("{\"text\":\"a\",\"truncate\":\"head\"}", "truncate", 422)]
    [InlineData("{\"text\":\"a\",\"max_tokens\":5,\"truncate\":\"tail\"}", "truncate", 422)]
    [InlineData("{\"text\":\"a\",\"model\":\"other\"}", "no-such-model", 422)]
    [InlineData("{\"text\":\"a\",\"id\":\"a/b\"}", "id", 422)]
    [InlineData("{\"text\":\"a\",\"id\":\"\"}", "id", 422)]
    public async Task What_is_no_document_is_a_problem_that_says_why(string body, string kind, int status)
    {
        await using var service = await RunningService.StartAsync();
        (await service.SendAsync(HttpMethod.Post, "/v1/documents", RunningService.Json(body))).IsProblem((HttpStatusCode)status, kind);
        Assert.Empty(service.Store.List(null, 0, 10));
    }

    [Theory]
    [InlineData("/v1/documents", "{\"text\":\"a\",\"colour\":1}", "there is no key 'colour'; there are text, id, model, max_tokens, truncate.")]
    [InlineData("/v1/documents", "{\"Text\":\"a\"}", "there is no key 'Text'; there are text, id, model, max_tokens, truncate.")]
    [InlineData("/v1/documents", "{\"text\":\"a\",\"\\ud800\":1}", "there is no key '\\ud800'; there are text, id, model, max_tokens, truncate.")]
    [InlineData("/v1/documents", "{\"id\":\"a\"}", "the key 'text' is missing.")]
    [InlineData("/v1/documents", "[{\"text\":\"a\"}]", "the body is no object; expected is {\"text\": …}.")]
    [InlineData("/v1/documents", "{\"text\":\"a\",\"max_tokens\":1.5}", "max_tokens must be a whole number, up to 2147483647.")]
    [InlineData("/v1/documents", "{\"text\":\"a\",\"max_tokens\":99999999999}", "max_tokens must be a whole number, up to 2147483647.")]
    [InlineData("/v1/documents", "{\"text\":\"a \\ud800 b\"}", "text holds half of a surrogate pair (\\ud800 to \\udfff alone); it is no character.")]
    [InlineData("/v1/documents", "{\"text\":\"a\",\"text\":\"b\"}", "the key 'text' stands there 2 times; which one is meant?")]
    [InlineData("/v1/documents", " \n", "the body is empty; expected is {\"text\": …}.")]
    [InlineData("/v1/documents", "{\"text\":\"a\"} b", "it is no JSON at byte 14: 'b' is invalid after a single JSON value. Expected end of data.")]
    [InlineData("/v1/documents:batch", "\n \n", "the body holds no line; expected is a document of JSON on each.")]
    [InlineData("/v1/documents", "{\"text\":[\"a\"]}", "text must be a string.")]
    [InlineData("/v1/documents", "{\"text\":null}", "text must be a string.")]
    [InlineData("/v1/streams", "{\"text\":\"a\"}", "there is no key 'text'; there are id, model.")]
    [InlineData("/v1/streams", "{\"id\":7}", "id must be a string.")]
    public async Task What_is_wrong_with_a_body_is_said_in_plain_words(string path, string body, string detail)
    {
        await using var service = await RunningService.StartAsync();
        var answer = await service.SendAsync(HttpMethod.Post, path, RunningService.Json(body));
        answer.IsProblem(HttpStatusCode.BadRequest, "bad-request");
        Assert.Equal(detail, answer["detail"]);
    }

    [Theory]
    [InlineData("?max_token=5", "text/plain", null, "the query has a key 'max_token'; there are id, model, max_tokens, truncate.")]
    [InlineData("?ID=a", "text/plain", null, "the query has a key 'ID'; there are id, model, max_tokens, truncate.")]
    [InlineData("?model=m", "application/json", null, "the query has a key 'model'; every key stands in the body.")]
    [InlineData("?id=a", "multipart/form-data", "id", "the query has a key 'id'; every key stands in the body.")]
    [InlineData("", "multipart/form-data", "colour", "the form has a key 'colour'; there are id, model, max_tokens, truncate.")]
    public async Task A_key_that_nothing_reads_is_refused_wherever_it_stands(string query, string type, string? key, string detail)
    {
        await using var service = await RunningService.StartAsync();
        foreach (var path in new[] { "/v1/documents", "/v1/classify" })
        {
            using HttpContent body = type == "multipart/form-data"
                ? new MultipartFormDataContent { { new StringContent("a text"), "file", "a.txt" }, { new StringContent("b"), key! } }
                : new StringContent(type == "text/plain" ? "a text" : "{\"text\":\"a\"}", Encoding.UTF8, type);
            var answer = await service.SendAsync(HttpMethod.Post, path + query, body);
            answer.IsProblem(HttpStatusCode.BadRequest, "bad-request");
            Assert.Equal(detail, answer["detail"]);
        }
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF8_are_told_with_their_offset()
    {
        await using var service = await RunningService.StartAsync();
        using var text = new ByteArrayContent([65, 66, 0xFF]);
        text.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        var answer = await service.SendAsync(HttpMethod.Post, "/v1/documents", text);
        answer.IsProblem(HttpStatusCode.BadRequest, "bad-request");
        Assert.Contains("offset 2", answer["detail"], StringComparison.Ordinal);
        using var json = new ByteArrayContent([.. "{\"text\":\""u8, 0xC3, .. "\"}"u8]);
        json.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        (await service.SendAsync(HttpMethod.Post, "/v1/documents", json)).IsProblem(HttpStatusCode.BadRequest, "bad-request");
        using var other = new StringContent("<a/>", Encoding.UTF8, "application/xml");
        (await service.SendAsync(HttpMethod.Post, "/v1/documents", other)).IsProblem(HttpStatusCode.UnsupportedMediaType, "media-type");
    }

    [Fact]
    public async Task The_same_key_gives_the_same_document_and_another_body_under_it_is_refused()
    {
        await using var service = await RunningService.StartAsync();
        static void Key(HttpRequestHeaders headers) => headers.Add("Idempotency-Key", "k1");
        var first = await service.PostAsync("/v1/documents", new { text = "a" }, Key);
        var again = await service.PostAsync("/v1/documents", new { text = "a" }, Key);
        Assert.Equal((HttpStatusCode.Accepted, first["id"]), (again.Status, again["id"]));
        (await service.PostAsync("/v1/documents", new { text = "b" }, Key)).IsProblem(HttpStatusCode.UnprocessableEntity, "key-taken");
        Assert.Single(service.Store.List(null, 0, 10));
        _ = await service.PostAsync("/v1/documents", new { text = "a", id = "own" });
        (await service.PostAsync("/v1/documents", new { text = "a", id = "own" })).IsProblem(HttpStatusCode.Conflict, "id-taken");
    }

    [Fact]
    public async Task A_body_that_is_too_large_and_a_full_queue_are_refused_and_say_when_to_come_back()
    {
        await using var service = await RunningService.StartAsync(options => (options.MaxBodyBytes, options.MaxQueued) = (2000, 3), new TinyModels { IsHeld = true });
        (await service.PostAsync("/v1/documents", new { text = new string('x', 3000) })).IsProblem(HttpStatusCode.RequestEntityTooLarge, "too-large");
        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.Accepted, (await service.PostAsync("/v1/documents", new { text = "a" })).Status);
        var full = await service.PostAsync("/v1/documents", new { text = "a" });
        full.IsProblem(HttpStatusCode.TooManyRequests, "queue-full");
        Assert.NotNull(full.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_bad_line_of_a_batch_is_told_by_its_number_and_the_others_are_taken()
    {
        await using var service = await RunningService.StartAsync();
        using var lines = new StringContent("{\"text\":\"a\",\"id\":\"x\"}\nnonsense\n\n{\"text\":\"b\"}\r\n{\"text\":\"c\",\"id\":\"x\"}", Encoding.UTF8, "application/jsonl");
        var answer = await service.SendAsync(HttpMethod.Post, "/v1/documents:batch", lines);
        Assert.Equal((HttpStatusCode.Accepted, "2", "2"), (answer.Status, answer["accepted"], answer["rejected"]));
        Assert.Equal(["1 x", "2 ", $"4 {service.Store.List(null, 0, 9)[1].Id}", "5 "], answer.Json.GetProperty("documents").EnumerateArray().Select(line => $"{line.GetProperty("line")} {line.GetProperty("id")}"));
        Assert.All(answer.Json.GetProperty("documents").EnumerateArray(), line => Assert.Equal(line.GetProperty("id").GetString() is null, line.GetProperty("error").GetString() is { Length: > 0 }));
    }

    [Fact]
    public async Task Lists_come_in_pages_and_by_status()
    {
        await using var service = await RunningService.StartAsync();
        _ = service.Store.Accept([.. Enumerable.Range(0, 7).Select(i => Stores.Document(id: $"d{i}"))]);
        var ids = new List<string>();
        for (string? after = null; ids.Count == 0 || after is not null;)
        {
            var page = (await service.GetAsync($"/v1/documents?limit=3{(after is null ? "" : $"&after={after}")}")).Json;
            ids.AddRange(page.GetProperty("documents").EnumerateArray().Select(document => document.GetProperty("id").GetString()!));
            after = page.GetProperty("next").GetString();
        }
        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"d{i}"), ids);
        foreach (var id in ids)
            _ = await service.FinishedAsync(id);
        Assert.Equal(7, (await service.GetAsync("/v1/documents?status=done")).Json.GetProperty("documents").GetArrayLength());
        Assert.Equal(0, (await service.GetAsync("/v1/documents?status=failed")).Json.GetProperty("documents").GetArrayLength());
        foreach (var query in new[] { "status=lost", "limit=0", "limit=x", "limit=1001", "stauts=done" })
            (await service.GetAsync($"/v1/documents?{query}")).IsProblem(HttpStatusCode.BadRequest, "bad-request");
        (await service.GetAsync("/v1/dead-letters?status=done")).IsProblem(HttpStatusCode.BadRequest, "bad-request");
    }

    [Theory]
    [InlineData("oldest", "d0 d1 d2 d3 d4")]
    [InlineData("newest", "d4 d3 d2 d1 d0")]
    public async Task Who_erases_a_page_before_asking_for_the_next_one_misses_nothing(string order, string expected)
    {
        await using var service = await RunningService.StartAsync(models: new TinyModels { IsHeld = true });
        _ = service.Store.Accept([.. Enumerable.Range(0, 5).Select(i => Stores.Document(id: $"d{i}"))]);
        var ids = new List<string>();
        for (string? after = null; ids.Count == 0 || after is not null;)
        {
            var page = (await service.GetAsync($"/v1/documents?limit=2&order={order}{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}")).Json;
            foreach (var id in page.GetProperty("documents").EnumerateArray().Select(document => document.GetProperty("id").GetString()!))
            {
                ids.Add(id);
                foreach (var status in new[] { HttpStatusCode.OK, HttpStatusCode.NoContent })       // cancelled, then erased
                    Assert.Equal(status, (await service.SendAsync(HttpMethod.Delete, $"/v1/documents/{id}")).Status);
            }
            after = page.GetProperty("next").GetString();
        }
        Assert.Equal(expected, string.Join(' ', ids));
        (await service.GetAsync("/v1/documents?after=~x")).IsProblem(HttpStatusCode.NotFound, "not-found");
    }

    [Theory]
    [InlineData("text/plain; charset=iso-8859-1", null, "charset")]
    [InlineData("text/plain; charset=\"utf-16\"", null, "charset")]
    [InlineData("text/plain", "gzip", "content-encoding")]
    [InlineData("application/json", "br", "content-encoding")]
    [InlineData("text/plain; charset=\"UTF-8\"", "identity", null)]
    public async Task Bytes_that_would_be_taken_for_another_text_are_refused(string type, string? encoding, string? kind)
    {
        await using var service = await RunningService.StartAsync();
        using var body = new ByteArrayContent("h\0i\0"u8.ToArray());
        body.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (encoding is not null)
            body.Headers.ContentEncoding.Add(encoding);
        var answer = await service.SendAsync(HttpMethod.Post, "/v1/documents", body);
        if (kind is null)
            Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        else
            answer.IsProblem(HttpStatusCode.UnsupportedMediaType, kind);
    }

    [Fact]
    public async Task Classify_answers_at_once_and_past_its_limit_says_where_the_answer_will_be()
    {
        await using var service = await RunningService.StartAsync();
        var answer = await service.PostAsync("/v1/classify", new { text = Text });
        Assert.Equal((HttpStatusCode.OK, "done"), (answer.Status, answer["status"]));
        (await service.PostAsync("/v1/classify", new { text = "!", id = "poison" })).IsProblem(HttpStatusCode.UnprocessableEntity, "failed");

        await using var slow = await RunningService.StartAsync(options => options.ClassifyWait = TimeSpan.FromSeconds(1), new TinyModels { IsHeld = true });
        var later = await slow.PostAsync("/v1/classify", new { text = Text });
        Assert.Equal((HttpStatusCode.Accepted, $"/v1/documents/{later["id"]}"), (later.Status, later.Headers.Location!.ToString()));
    }

    [Fact]
    public async Task A_dead_letter_is_listed_requeued_and_anything_else_cannot_be()
    {
        await using var service = await RunningService.StartAsync();
        _ = await service.PostAsync("/v1/documents", new { text = "!", id = "poison" });
        var dead = await service.FinishedAsync("poison");
        Assert.Equal(("failed", 5), (dead.GetProperty("status").GetString(), dead.GetProperty("attempts").GetInt32()));
        Assert.Equal(["poison"], (await service.GetAsync("/v1/dead-letters")).Json.GetProperty("documents").EnumerateArray().Select(document => document.GetProperty("id").GetString()));
        Assert.Equal(HttpStatusCode.Accepted, (await service.SendAsync(HttpMethod.Post, "/v1/dead-letters/poison/requeue")).Status);
        Assert.Equal(10, (await service.FinishedAsync("poison")).GetProperty("attempts").GetInt32());
        _ = await service.PostAsync("/v1/classify", new { text = "fine", id = "fine" });
        (await service.SendAsync(HttpMethod.Post, "/v1/dead-letters/fine/requeue")).IsProblem(HttpStatusCode.Conflict, "no-dead-letter");
        (await service.SendAsync(HttpMethod.Post, "/v1/dead-letters/none/requeue")).IsProblem(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task The_last_documents_come_first_where_that_is_asked_for()
    {
        await using var service = await RunningService.StartAsync();
        foreach (var id in new[] { "a", "b", "c" })
            _ = await service.PostAsync("/v1/documents", new { text = "text", id });
        async Task<string> Ids(string query) =>
            string.Concat((await service.GetAsync($"/v1/documents?{query}")).Json.GetProperty("documents").EnumerateArray().Select(document => document.GetProperty("id").GetString()));
        Assert.Equal("abc", await Ids("order=oldest"));
        Assert.Equal("cba", await Ids("order=newest"));
        Assert.Equal("c", await Ids("order=newest&limit=1"));
        Assert.Equal("ba", await Ids("order=newest&after=c"));
        (await service.GetAsync("/v1/documents?order=other")).IsProblem(HttpStatusCode.BadRequest, "bad-request");
    }
}
