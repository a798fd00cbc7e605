using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Rmt.Service.Tests.Doubles;
using Rmt.Testing;

namespace Rmt.Service.Tests.Http;

public sealed partial class OperationRoutesTests
{
    private const string Key = "a key of sixteen letters and more";

    [Fact]
    public async Task It_is_ready_when_its_models_are_warm_and_not_before()
    {
        var models = new TinyModels { IsHeld = true };
        await using var service = await RunningService.StartAsync(models: models);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/health/live")).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync(HttpMethod.Head, "/health/live")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await service.SendAsync(HttpMethod.Head, "/health/ready")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await service.GetAsync("/health/ready")).Status);
        Assert.Equal("False", (await service.GetAsync("/v1/models")).Json.GetProperty("models")[0].GetProperty("loaded").ToString());
        models.Release();
        _ = await service.ReadyAsync();
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/health/ready")).Status);
        var model = (await service.GetAsync("/v1/models")).Json.GetProperty("models")[0];
        Assert.Equal(("m", "hash-of-m", "right", 17), (model.GetProperty("name").GetString(), model.GetProperty("hash").GetString(), model.GetProperty("alignment").GetString(), model.GetProperty("tokens_per_segment").GetInt32()));
    }

    [Theory]
    [InlineData("GET", "/v1/models")]
    [InlineData("GET", "/v1/documents")]
    [InlineData("POST", "/v1/documents")]
    [InlineData("POST", "/v1/classify")]
    [InlineData("GET", "/v1/documents/x/events")]
    [InlineData("PUT", "/v1/streams/x/parts/0")]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/openapi/v1.json")]
    public async Task With_keys_everything_but_health_needs_one(string method, string path)
    {
        await using var service = await RunningService.StartAsync(options => options.Keys.Add(Key));
        foreach (var header in new[] { null, "Bearer", "Bearer wrong", $"Basic {Key}", $"Bearer {Key}x" })
        {
            var refused = await service.SendAsync(new(method), path, headers: headers => headers.TryAddWithoutValidation("Authorization", header));
            refused.IsProblem(HttpStatusCode.Unauthorized, "no-key");
            Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        }
        Assert.NotEqual(HttpStatusCode.Unauthorized, (await service.SendAsync(new(method), path, headers: headers => headers.Authorization = new("Bearer", Key))).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/health/live")).Status);
    }

    [Fact]
    public async Task Metrics_count_what_happened_in_the_format_of_Prometheus()
    {
        await using var service = await RunningService.StartAsync();
        _ = await service.PostAsync("/v1/classify", new { text = TinyModels.Text(new(1), 100) });
        _ = await service.PostAsync("/v1/documents", new { text = 7 });
        var text = (await service.GetAsync("/metrics")).Text;
        foreach (var line in new[] { "rmt_documents_accepted_total 1", "rmt_documents_finished_total{outcome=\"done\"} 1", "rmt_documents_rejected_total{reason=\"bad-request\"} 1", "rmt_segments_total 6",
            "rmt_queue_depth{state=\"done\"} 1", "rmt_model_info{model=\"m\",hash=\"hash-of-m\"} 1", "rmt_draining 0", "rmt_document_tokens_count 1", "rmt_document_tokens_sum 100", "rmt_segment_duration_seconds_count 6", "rmt_batch_tokens_count 6", "rmt_batch_tokens_sum 100" })
            Assert.Contains($"\n{line}\n", text, StringComparison.Ordinal);

        // Text format 0.0.4: HELP and TYPE before the samples of a name, each name once, buckets that only grow, up to the count.
        var names = new HashSet<string>();
        var (name, type, bucket) = ("", "", 0.0);
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (Help().Match(line) is { Success: true } help)
                Assert.True(names.Add(name = help.Groups[1].Value), line);
            else if (Type().Match(line) is { Success: true } kind)
                (type, bucket) = (kind.Groups[1].Value == name ? kind.Groups[2].Value : "misplaced", 0);
            else
            {
                var sample = Sample().Match(line);
                Assert.True(sample.Success && sample.Groups[1].Value.StartsWith(name, StringComparison.Ordinal), line);
                Assert.Contains(sample.Groups[1].Value[name.Length..], type == "histogram" ? new[] { "_bucket", "_sum", "_count" } : [""]);
                Assert.Equal(type == "counter", name.EndsWith("_total", StringComparison.Ordinal));
                var value = double.Parse(sample.Groups[3].Value, System.Globalization.CultureInfo.InvariantCulture);
                if (line.Contains("_bucket", StringComparison.Ordinal))
                    Assert.True(value >= bucket, line);
                bucket = value;
            }
        }
    }

    [GeneratedRegex(@"^# HELP (\w+) \S.*$")]
    private static partial Regex Help();

    [GeneratedRegex(@"^# TYPE (\w+) (counter|gauge|histogram)$")]
    private static partial Regex Type();

    [GeneratedRegex(@"^(\w+)(\{\w+=""[^""]*""(?:,\w+=""[^""]*"")*\})? (\S+)$")]
    private static partial Regex Sample();

    [GeneratedRegex(@"^HTTP/1.1 (2|4)\d\d ")]
    private static partial Regex StatusBelow500();

    [Fact]
    public async Task Its_description_is_the_committed_one()
    {
        await using var service = await RunningService.StartAsync();
        var now = (await service.GetAsync("/openapi/v1.json")).Text.ReplaceLineEndings("\n").TrimEnd() + "\n";
        var path = Path.Combine(Repository.Root, "Rmt.Service", "openapi.json");
        if (Environment.GetEnvironmentVariable("RMT_ACCEPT") == "1")
            await File.WriteAllTextAsync(path, now, RunningService.Cancellation);
        Assert.True(now == await File.ReadAllTextAsync(path, RunningService.Cancellation), "the HTTP surface has changed. If it should, run: RMT_ACCEPT=1 ./rmt test Service");
    }

    [Fact]
    public async Task A_full_disk_is_503_with_nothing_half_written()
    {
        await using var service = await RunningService.StartAsync(options => options.StoreLimitBytes = 1_000_000);
        _ = await service.ReadyAsync();
        Answer answer;
        var kept = 0;
        while ((answer = await service.PostAsync("/v1/documents", new { text = new string('x', 100_000), id = $"d{kept}" })).Status == HttpStatusCode.Accepted)
            Assert.InRange(kept++, 0, 20);
        answer.IsProblem(HttpStatusCode.ServiceUnavailable, "store-unavailable");
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync($"/v1/documents/d{kept}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/v1/documents/d0")).Status);
    }

    [Fact]
    public async Task When_the_device_is_gone_for_good_the_host_stops_says_why_and_holds_nothing()
    {
        using var stores = new Stores();
        var models = new TinyModels();
        await using (var service = await RunningService.StartAsync(store: stores.Path, models: models))
        {
            _ = await service.ReadyAsync();
            models.Break();
            _ = await service.PostAsync("/v1/documents", new { text = TinyModels.Text(new(1), 100), id = "d" });
            var stopped = new TaskCompletionSource();
            using var registration = ((Microsoft.Extensions.Hosting.IHostApplicationLifetime)service.Services.GetService(typeof(Microsoft.Extensions.Hosting.IHostApplicationLifetime))!).ApplicationStopping.Register(stopped.SetResult);
            await stopped.Task.WaitAsync(TimeSpan.FromMinutes(1), RunningService.Cancellation);
            Assert.NotNull(service.State.Failure);
        }
        using var store = stores.Open();
        Assert.Equal((DocumentStatus.Queued, 1), (store.Find("d")!.Status, store.Find("d")!.Attempts));
    }

    [Fact]
    public async Task Cut_connections_slow_bodies_and_bytes_at_random_make_no_500_and_leave_nothing_behind()
    {
        await using var service = await RunningService.StartAsync(options => options.MaxUploads = 4);
        _ = await service.ReadyAsync();
        var dice = new Random(7);
        var port = service.Http.BaseAddress!.Port;
        _ = await service.PostAsync("/v1/classify", new { text = "fine" });
        var (tensors, handles) = (LiveTensors(), Handles());
        string[] paths = ["/v1/documents", "/v1/documents:batch", "/v1/classify", "/v1/streams", "/v1/streams/x/parts/0", "/v1/documents/%ff/events", "/v1/dead-letters/../requeue"];
        string[] types = ["application/json", "text/plain", "multipart/form-data; boundary=x", "multipart/form-data", "application/json; charset=utf-16", "nonsense"];
        for (var round = 0; round < 150; round++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, RunningService.Cancellation);
            var body = new byte[dice.Next(200)];
            dice.NextBytes(body);
            if (round % 3 == 0)
                body = [.. "{\"text\":\""u8, .. body, .. "\"}"u8];
            var length = round % 5 == 0 ? body.Length + 10 : body.Length;      // longer than what comes: then the connection is cut
            var head = $"{(round % 2 == 0 ? "POST" : "PUT")} {paths[dice.Next(paths.Length)]} HTTP/1.1\r\nHost: x\r\nContent-Type: {types[dice.Next(types.Length)]}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n";
            var stream = client.GetStream();
            await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. body], RunningService.Cancellation);
            if (length > body.Length)
                continue;
            using var reader = new StreamReader(stream);
            var answer = await reader.ReadLineAsync(RunningService.Cancellation);
            Assert.True(answer is not null && StatusBelow500().IsMatch(answer), $"{answer}\n{head}{Encoding.Latin1.GetString(body)}");
        }
        // As many are read at the same time as before: none was left behind.
        for (var i = 0; i < 8; i++)
            Assert.Equal(HttpStatusCode.OK, (await service.PostAsync("/v1/classify", new { text = "fine" })).Status);
        // Connections that were cut are let go of a little later.
        for (var look = 0; look < 100 && Handles() > handles + Some; look++)
            await Task.Delay(100, RunningService.Cancellation);
        Assert.InRange(Handles(), 0, handles + Some);
        Assert.Equal(tensors, LiveTensors());
    }

    // Those that wait in a pool: a few connections, and readers of the store.
    private const int Some = 12;

    private static int Handles() => Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : 0;

    private static long LiveTensors()
    {
        Leaks.Settle();
        return Provider.HasExtras ? TorchSharp.torch.Tensor.TotalCount : 0;
    }
}
