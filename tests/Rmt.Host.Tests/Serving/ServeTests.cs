using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Data.Sqlite;
using Rmt.Host.Commands;
using Rmt.Host.Tests.Doubles;
using Rmt.Testing;

namespace Rmt.Host.Tests.Serving;

/// <summary>The service as a user, or systemd, starts and ends it.</summary>
public sealed class ServeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Store => _folder["rmt.db"];

    [Fact]
    public async Task It_tells_systemd_answers_and_ends_with_0_within_a_segment()
    {
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(_folder["notify"]));
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", _folder["notify"]);
        try
        {
            using var service = await new Served("--store", Store, "--threads", "1").ListeningAsync();
            Assert.Equal("READY=1", await HeardAsync(systemd));
            Assert.Equal(HttpStatusCode.OK, (await service.Http.GetAsync("/health/ready", Served.Cancellation)).StatusCode);
            using var text = new StringContent("Sandra went back to the garden. Then it rained for a week. Where is Sandra?", Encoding.UTF8, "text/plain");
            const string Trace = "0af7651916cd43dd8448eb211c80319c";
            text.Headers.Add("traceparent", $"00-{Trace}-b7ad6b7169203331-01");
            var answer = await (await service.Http.PostAsync("/v1/classify", text, Served.Cancellation)).Content.ReadAsStringAsync(Served.Cancellation);
            Assert.Contains("\"label\":\"garden\"", answer, StringComparison.Ordinal);
            while (!service.Said.Contains($"\"Trace\":\"{Trace}\"", StringComparison.Ordinal))      // the line of its answer
                await Task.Delay(20, Served.Cancellation);
            // Far from its end when it is told to end.
            using var @long = new StringContent(string.Join(' ', Enumerable.Repeat("the garden", 300_000)), Encoding.UTF8, "text/plain");
            _ = await service.Http.PostAsync("/v1/documents?id=long", @long, Served.Cancellation);
            while ((await service.GetAsync("/v1/documents/long")).GetProperty("segments_read").GetInt32() == 0)
                await Task.Delay(20, Served.Cancellation);
            Assert.Equal(0, await service.TerminateAsync());
            for (var heard = ""; heard != "STOPPING=1"; heard = await HeardAsync(systemd))
                Assert.Contains(heard, new[] { "", "WATCHDOG=1" });
        }
        finally
        {
            Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);
        }
        using var connection = new SqliteConnection($"Data Source={Store};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select count(*) from documents where owner is null and status = 0 and next_segment > 0";
        Assert.Equal(1L, command.ExecuteScalar());
    }

    private static async Task<string> HeardAsync(Socket systemd)
    {
        var buffer = new byte[100];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Served.Cancellation);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        return Encoding.UTF8.GetString(buffer, 0, await systemd.ReceiveAsync(buffer, patience.Token));
    }

    [Fact]
    public async Task A_worker_that_is_gone_for_good_is_5()
    {
        using var service = await new Served("--store", Store, "--threads", "1").ListeningAsync();
        using (var connection = new SqliteConnection($"Data Source={Store};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "pragma busy_timeout = 5000; drop table readings; drop table owners";
            _ = command.ExecuteNonQuery();
        }
        Assert.Equal(ExitCode.ServiceDied, await service.ExitCodeAsync());
        Assert.Contains("rmt: the service died: ", service.Said, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_that_others_reach_needs_keys()
    {
        foreach (var url in new[] { "http://0.0.0.0:0", "http://*:0", "http://[::]:0", "http://127.0.0.1:0;http://example.org:0" })
        {
            var end = Finished.Rmt("serve", "--store", Store, "--urls", url);
            Assert.Equal((ExitCode.Usage, 1), (end.ExitCode, end.Error.TrimEnd().Split('\n').Length));
            Assert.Contains("--keys FILE", end.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_port_in_use_and_unreadable_keys_are_1_and_one_line()
    {
        using var service = await new Served("--store", Store, "--threads", "1").ListeningAsync();
        var keys = Finished.Rmt("serve", "--store", _folder["other.db"], "--keys", _folder["none"]);
        Assert.Equal((ExitCode.Failed, 1), (keys.ExitCode, keys.Error.TrimEnd().Split('\n').Length));
        var port = Finished.Rmt("serve", "--store", _folder["other.db"], "--urls", service.Http.BaseAddress!.ToString());
        Assert.Equal(ExitCode.Failed, port.ExitCode);
        Assert.Contains("address already in use", port.Error, StringComparison.Ordinal);
        Assert.StartsWith("rmt: ", Assert.Single(port.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        var socket = Finished.Rmt("serve", "--store", _folder["other.db"], "--urls", "http://unix:/no/such/folder/socket");
        Assert.Equal(ExitCode.Failed, socket.ExitCode);
        Assert.StartsWith("rmt: http://unix:/no/such/folder/socket cannot be listened on: ", Assert.Single(socket.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Rmt__BatchSize", "0", "Rmt:BatchSize is '0'")]
    [InlineData("Rmt__BatchSize", "many", "'many' at 'Rmt:BatchSize'")]
    [InlineData("Rmt__Retain", "7d", "such as 7.00:00:00")]
    [InlineData("Rmt__BatchSizes", "4", "there is no such setting")]
    [InlineData("Rmt__Watch", "/no/such/folder", "Rmt:Watch: there is no folder '/no/such/folder'.")]
    [InlineData("URLS", "http://127.0.0.1:99999", "a port is a number up to 65535")]
    [InlineData("URLS", "http://127.0.0.1:0/path", "nothing stands behind the port")]
    public void A_setting_that_is_wrong_is_usage_and_one_line(string name, string value, string says)
    {
        var end = Finished.Shell($"{name}={value} $RMT serve --store {Store}");
        Assert.Equal((ExitCode.Usage, 1), (end.ExitCode, end.Error.TrimEnd().Split('\n').Length));
        Assert.Contains(says, end.Error, StringComparison.Ordinal);
    }

    /// <summary>From the file in the folder to the answer beside it, and once: by its end and another start nothing is repeated.</summary>
    [Fact]
    public async Task A_file_that_is_put_into_the_folder_is_answered_beside_it_once()
    {
        _ = Directory.CreateDirectory(_folder["in"]);
        for (var start = 0; start < 2; start++)
        {
            using var service = await new Served("--store", Store, "--threads", "1", "--watch", _folder["in"]).ListeningAsync();
            await File.WriteAllTextAsync(_folder[$"{start}.part"], "Sandra went back to the garden. Where is Sandra?", Served.Cancellation);
            File.Move(_folder[$"{start}.part"], _folder["in", $"{start}.txt"]);
            while (!File.Exists(_folder["in", $"{start}.txt.rmt.json"]))
                await Task.Delay(50, Served.Cancellation);
            Assert.Contains("\"label\":\"garden\"", await File.ReadAllTextAsync(_folder["in", $"{start}.txt.rmt.json"], Served.Cancellation), StringComparison.Ordinal);
            Assert.Equal(start + 1, (await service.GetAsync("/v1/documents")).GetProperty("documents").GetArrayLength());
            Assert.Equal(0, await service.TerminateAsync());
        }
    }

    [Fact]
    public void A_model_that_cannot_be_loaded_is_3()
    {
        var end = Finished.Rmt("serve", "--store", Store, "--urls", "http://127.0.0.1:0", "--model", $"m={_folder.Path}");
        Assert.Equal(ExitCode.ModelNotLoadable, end.ExitCode);
        Assert.Contains($"rmt: {_folder.Path}: ", end.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7d", 7 * 86400)]
    [InlineData("12h", 12 * 3600)]
    [InlineData("5m", 300)]
    [InlineData("1s", 1)]
    [InlineData("0d", null)]
    [InlineData("7", null)]
    [InlineData("d", null)]
    [InlineData("-1d", null)]
    [InlineData("1.5h", null)]
    [InlineData("99999d", null)]
    public void How_long_answers_are_kept_is_a_number_and_a_unit(string text, int? seconds) => Assert.Equal(seconds, (int?)ServeCommand.Retention(text)?.TotalSeconds);
}
