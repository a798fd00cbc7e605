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
        try
        {
            var address = BindingAddress.Parse(url);
            if (address.Port is < 0 or > IPEndPoint.MaxPort)
                throw new UsageException($"--urls '{url}': a port is a number up to {IPEndPoint.MaxPort}.");
            return address.IsUnixPipe || address.Host == "localhost" || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));
        }
        catch (FormatException)
        {
            throw new UsageException($"--urls '{url}' is no address; expected is one such as {Default}.");
        }
    }
}
