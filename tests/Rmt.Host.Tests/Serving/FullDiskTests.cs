using System.Globalization;
using System.Net;
using System.Text;
using Rmt.Host.Tests.Doubles;
using Rmt.Testing;

namespace Rmt.Host.Tests.Serving;

/// <summary>A disk that is full where the kernel says so: no file of the process grows any further.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const string Prlimit = "/usr/bin/prlimit";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Of_a_full_disk_everybody_is_told_nothing_is_half_written_and_all_goes_on_when_there_is_room()
    {
        Assert.SkipUnless(File.Exists(Prlimit), "prlimit sets what a file may take: apt-get install util-linux");
        var store = _folder["rmt.db"];
        // Beyond the limit the kernel sends a signal first, which ends whoever does not ignore it.
        using var service = await new Served(["--store", store, "--threads", "1"], new Dictionary<string, string>(), "trap '' XFSZ").ListeningAsync();
        string[] before = ["a", "b", "c", "d", "e"];
        foreach (var id in before)
            Assert.Equal(HttpStatusCode.Accepted, await SendAsync(service, id));
        await DoneAsync(service, before);
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync(service, "a"));       // which empties SQLite's log into the file
        Limit(service, new FileInfo(store).Length + 8192);

        // The log takes two more, the file only the first. What is erased is erased.
        foreach (var id in new[] { "f", "g" })
            Assert.Equal(HttpStatusCode.Accepted, await SendAsync(service, id));
        await DoneAsync(service, "f", "g");
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync(service, "b"));

        // The log is full too.
        var accepted = 0;
        while (await SendAsync(service, $"d{accepted}") == HttpStatusCode.Accepted)
            Assert.InRange(++accepted, 0, 20);
        using var refused = await PostAsync(service, "never");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (refused.StatusCode, refused.Content.Headers.ContentType?.MediaType));
        Assert.NotNull(refused.Headers.RetryAfter);
        foreach (var id in new[] { "never", $"d{accepted}" })
            Assert.Equal(HttpStatusCode.NotFound, (await service.Http.GetAsync($"/v1/documents/{id}", Served.Cancellation)).StatusCode);
        Assert.Contains(await DeleteAsync(service, "c"), new[] { HttpStatusCode.NoContent, HttpStatusCode.ServiceUnavailable });

        Limit(service, null);
        await DoneAsync(service, [.. Enumerable.Range(0, accepted).Select(i => $"d{i}"), "g"]);
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(service, "never"));
        Assert.Equal(0, await service.TerminateAsync());
        Assert.DoesNotContain("Exception", service.Said, StringComparison.Ordinal);
    }

    private static void Limit(Served service, long? bytes)
    {
        var limit = bytes is { } most ? most.ToString(CultureInfo.InvariantCulture) : "unlimited";
        Assert.Equal(0, Finished.Run(Prlimit, ["--pid", service.Id.ToString(CultureInfo.InvariantCulture), $"--fsize={limit}:"]).ExitCode);
    }

    // Many bytes and few tokens: no word of a thousand letters is one of the vocabulary's.
    private static Task<HttpResponseMessage> PostAsync(Served service, string id) =>
        service.Http.PostAsync($"/v1/documents?id={id}", new StringContent(string.Join(' ', Enumerable.Repeat(new string('x', 1000), 100)), Encoding.UTF8, "text/plain"), Served.Cancellation);

    private static async Task<HttpStatusCode> SendAsync(Served service, string id)
    {
        using var answer = await PostAsync(service, id);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> DeleteAsync(Served service, string id)
    {
        using var answer = await service.Http.DeleteAsync($"/v1/documents/{id}", Served.Cancellation);
        return answer.StatusCode;
    }

    private static async Task DoneAsync(Served service, params string[] ids)
    {
        foreach (var id in ids)
        {
            while ((await service.GetAsync($"/v1/documents/{id}")).GetProperty("status").GetString() != "done")
                await Task.Delay(20, Served.Cancellation);
        }
    }
}
