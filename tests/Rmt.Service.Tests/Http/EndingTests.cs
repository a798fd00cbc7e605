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
    // One upload of 1 KB a second held the worker, and with it the end of the process, for two minutes; one that began when the end had, for as long as the host has patience.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_sends_slowly_does_not_hold_up_the_end_and_is_told_to_come_back(bool comesLate)
    {
        await using var service = await (await RunningService.StartAsync()).ReadyAsync();
        if (comesLate)
            service.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, service.Http.BaseAddress!.Port, RunningService.Cancellation);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /v1/documents HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n{(comesLate ? "" : "Expect: 100-continue\r\n")}\r\nhalf of"), RunningService.Cancellation);
        // The body is being read, or the answer is on its way.
        var answer = await ReadAsync(stream, until: comesLate ? "urn:rmt:problem:ending" : "100 Continue\r\n\r\n");
        var begun = Stopwatch.GetTimestamp();
        var end = service.Services.GetRequiredService<IHost>().StopAsync(RunningService.Cancellation);
        answer += await ReadAsync(stream, until: null);
        Assert.Contains("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
        Assert.Contains("urn:rmt:problem:ending", answer, StringComparison.Ordinal);
        Assert.Contains("Retry-After: ", answer, StringComparison.Ordinal);
        await end;
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    // Null: to the end. A connection that is closed with bytes of the request unread is reset behind the answer.
    private static async Task<string> ReadAsync(NetworkStream stream, string? until)
    {
        var (read, buffer) = ("", new byte[1000]);
        try
        {
            int count;
            while ((until is null || !read.Contains(until, StringComparison.Ordinal)) && (count = await stream.ReadAsync(buffer, RunningService.Cancellation)) > 0)
                read += Encoding.UTF8.GetString(buffer, 0, count);
        }
        catch (IOException) when (until is null)
        {
        }
        return read;
    }
}
