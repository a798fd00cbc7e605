using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Rmt.Service.Tests.Doubles;

namespace Rmt.Service.Tests.Http;

/// <summary>Whoever is in the middle of a request when the service is told to end.</summary>
public sealed class EndingTests
{
    // One upload of 1 KB a second held the worker, and with it the end of the process, for two minutes.
    [Fact]
    public async Task Who_sends_slowly_does_not_hold_up_the_end_and_is_told_to_come_back()
    {
        await using var service = await (await RunningService.StartAsync()).ReadyAsync();
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, service.Http.BaseAddress!.Port, RunningService.Cancellation);
        var stream = client.GetStream();
        await stream.WriteAsync("POST /v1/documents HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\nhalf of"u8.ToArray(), RunningService.Cancellation);
        await Task.Delay(200, RunningService.Cancellation);
        var begun = Stopwatch.GetTimestamp();
        var end = service.Services.GetRequiredService<IHost>().StopAsync(RunningService.Cancellation);
        var answer = await ReadToEndAsync(stream);
        Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
        Assert.Contains("urn:rmt:problem:ending", answer, StringComparison.Ordinal);
        Assert.Contains("Retry-After: ", answer, StringComparison.Ordinal);
        await end;
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    // A connection that is closed with bytes of the request unread is reset behind the answer.
    private static async Task<string> ReadToEndAsync(NetworkStream stream)
    {
        using var read = new MemoryStream();
        try
        {
            await stream.CopyToAsync(read, RunningService.Cancellation);
        }
        catch (IOException) when (read.Length > 0)
        {
        }
        return Encoding.UTF8.GetString(read.ToArray());
    }
}
