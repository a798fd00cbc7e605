using System.Net;
using System.Net.Sockets;
using System.Text;
using Rmt.Service.Tests.Doubles;

namespace Rmt.Service.Tests.Http;

/// <summary>Who sends a byte at a time holds nobody up for long.</summary>
public sealed class SlowBodyTests
{
    [Theory]
    [InlineData("POST /v1/documents", "application/json")]
    [InlineData("PUT /v1/streams/s/parts/0", "text/plain")]
    public async Task A_body_that_comes_a_byte_at_a_time_is_cut_off_with_408_and_its_place_is_free(string route, string type)
    {
        await using var service = await RunningService.StartAsync(options => options.MaxUploads = 1);
        _ = await service.PostAsync("/v1/streams", new { id = "s" });
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, service.Http.BaseAddress!.Port, RunningService.Cancellation);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{route} HTTP/1.1\r\nHost: x\r\nContent-Type: {type}\r\nContent-Length: 100000\r\n\r\n"), RunningService.Cancellation);
        var answer = ReadAsync(stream);
        for (var sent = 0; sent < 600 && !answer.IsCompleted; sent++)       // a minute
        {
            await TrySendAsync(stream);
            await Task.Delay(100, RunningService.Cancellation);
        }
        Assert.StartsWith("HTTP/1.1 408 ", await answer, StringComparison.Ordinal);
        Assert.Contains("urn:rmt:problem:too-slow", await answer, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await service.PostAsync("/v1/classify", new { text = "fine" })).Status);
        Assert.Single(service.Store.List(null, 0, 10));
    }

    // To the end of the connection, or as far as it came.
    private static async Task<string> ReadAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer, RunningService.Cancellation)) > 0;)
                _ = text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
        }
        return text.ToString();
    }

    private static async Task TrySendAsync(NetworkStream stream)
    {
        try
        {
            await stream.WriteAsync("x"u8.ToArray(), RunningService.Cancellation);
        }
        catch (IOException)
        {
            // Cut off.
        }
    }
}
