using Rmt.Host.Serving;

namespace Rmt.Host.Tests.Serving;

public sealed class AddressTests
{
    [Theory]
    [InlineData("nonsense", "is no address")]
    [InlineData("http://", "is no address")]
    [InlineData("http://127.0.0.1:99999", "a port is a number up to 65535")]
    [InlineData("http://127.0.0.1:-1", "a port is a number up to 65535")]
    [InlineData("http://127.0.0.1:abc", "'127.0.0.1:abc' is no host")]
    [InlineData("http://127.0.0.1:", "'127.0.0.1:' is no host")]
    [InlineData("http://127.0.0.1:99999999999", "'127.0.0.1:99999999999' is no host")]
    [InlineData("http://[::1", "'[:' is no host")]
    [InlineData("http://user@127.0.0.1:0", "'user@127.0.0.1' is no host")]
    [InlineData("http://unix:", "'unix:' is no host")]
    [InlineData("ftp://127.0.0.1:0", "'ftp' is neither http nor https")]
    [InlineData("http://127.0.0.1:0/path", "nothing stands behind the port; '/path' does")]
    [InlineData("http://localhost:0", "port 0, any that is free, is for 127.0.0.1 or [::1], not for localhost")]
    public void What_is_no_address_is_refused_with_what_is_wrong(string url, string says)
    {
        var message = Assert.Throws<UsageException>(() => Address.IsLoopback(url)).Message;
        Assert.StartsWith($"--urls '{url}'", message, StringComparison.Ordinal);
        Assert.Contains($"{says}; expected is one such as {Address.Default}.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0", true)]
    [InlineData("HTTPS://127.0.0.1:443/", true)]
    [InlineData("http://localhost", true)]
    [InlineData("http://[::1]:80", true)]
    [InlineData("http://unix:/run/rmt.sock", true)]
    [InlineData("http://*:80", false)]
    [InlineData("http://+:80", false)]
    [InlineData("http://[::]:80", false)]
    [InlineData("http://my_host.example-1.org", false)]
    public void Whether_only_this_machine_reaches_it(string url, bool loopback) => Assert.Equal(loopback, Address.IsLoopback(url));
}
