using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Rmt.Host.Serving;

/// <summary>Where a service listens.</summary>
internal static class Address
{
    public const string Default = "http://127.0.0.1:8080";

    /// <summary>All that a configuration names.</summary>
    public static IReadOnlyList<string> All(IConfiguration configuration) =>
        [.. (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
         .. configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>()];

    /// <summary>Whether only this machine can reach it.</summary>
    /// <exception cref="UsageException">It is no address.</exception>
    public static bool IsLoopback(string url)
    {
        var address = Parse(url);
        return address.IsUnixPipe || address.Host == "localhost" || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));
    }

    private static BindingAddress Parse(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return Fault(address) is { } fault ? throw new UsageException($"--urls '{url}': {fault}; expected is one such as {Default}.") : address;
        }
        catch (FormatException)
        {
            throw new UsageException($"--urls '{url}' is no address; expected is one such as {Default}.");
        }
    }

    // What the server would find out in the middle of its start, or take for a name: it listens to everybody then.
    private static string? Fault(BindingAddress address) => address switch
    {
        { Port: < 0 or > IPEndPoint.MaxPort } => $"a port is a number up to {IPEndPoint.MaxPort}",
        { Scheme: var scheme } when !scheme.Equals("http", StringComparison.OrdinalIgnoreCase) && !scheme.Equals("https", StringComparison.OrdinalIgnoreCase) => $"'{scheme}' is neither http nor https",
        { IsUnixPipe: false, Host: not ("*" or "+") and var host } when Uri.CheckHostName(host) == UriHostNameType.Unknown => $"'{host}' is no host",
        { PathBase: { Length: > 0 } path } => $"nothing stands behind the port; '{path}' does",
        { Host: "localhost", Port: 0 } => "port 0, any that is free, is for 127.0.0.1 or [::1], not for localhost",
        _ => null,
    };
}
