using System.Net;
using System.Text.RegularExpressions;
using Rmt.Service.Tests.Doubles;

namespace Rmt.Service.Tests.Page;

public sealed partial class PageRoutesTests
{
    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/page.css", "text/css")]
    [InlineData("/page.js", "text/javascript")]
    public async Task Its_files_are_served_to_whoever_asks_and_the_routes_still_want_a_key(string path, string type)
    {
        await using var service = await RunningService.StartAsync(options => options.Keys.Add("a key of sixteen letters and more"));
        using var response = await service.Http.GetAsync(path, RunningService.Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((type, "utf-8"), (response.Content.Headers.ContentType!.MediaType, response.Content.Headers.ContentType.CharSet));
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        foreach (var route in new[] { "/v1/documents", "/v1/models", "/v1/dead-letters" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await service.GetAsync(route)).Status);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/page.css")]
    [InlineData("/page.js")]
    public async Task A_file_that_a_browser_has_is_not_sent_again(string path)
    {
        await using var service = await RunningService.StartAsync();
        using var first = await service.Http.GetAsync(path, RunningService.Cancellation);
        var tag = first.Headers.ETag!;
        Assert.False(tag.IsWeak);
        var again = await service.SendAsync(HttpMethod.Get, path, headers: headers => headers.IfNoneMatch.Add(tag));
        Assert.Equal((HttpStatusCode.NotModified, ""), (again.Status, again.Text));
        var other = await service.SendAsync(HttpMethod.Get, path, headers: headers => headers.IfNoneMatch.Add(new("\"of another version\"")));
        Assert.Equal(HttpStatusCode.OK, other.Status);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync(HttpMethod.Head, path)).Status);
    }

    [Fact]
    public async Task It_needs_nothing_from_elsewhere_and_makes_no_markup_of_texts()
    {
        await using var service = await RunningService.StartAsync();
        foreach (var path in new[] { "/", "/page.css", "/page.js" })
        {
            var text = (await service.GetAsync(path)).Text;
            Assert.Empty(Elsewhere().Matches(text).Select(match => match.Value));
            Assert.Empty(Markup().Matches(text).Select(match => match.Value));
        }
    }

    [GeneratedRegex(@"\w+://|(?<![:/])//\w+\.\w|@import|url\(", RegexOptions.IgnoreCase)]
    private static partial Regex Elsewhere();

    [GeneratedRegex(@"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|\son\w+=""|\sstyle=""|<style|<script>")]
    private static partial Regex Markup();
}
