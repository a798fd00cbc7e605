using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Rmt.Service;

/// <summary>The page at <c>/</c>: three files that are the same for everybody and tell nothing. What they show they ask of the routes, with the key that the page asks for.</summary>
internal static class PageRoutes
{
    // Nothing but these files, nothing from elsewhere, in nobody's frame, no text becomes markup.
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        + "require-trusted-types-for 'script'; trusted-types 'none'";

    // A host that has something at one of these paths keeps it.
    private const int BehindTheHosts = 1;

    public static void Map(IEndpointRouteBuilder routes)
    {
        Map(routes, "/", "index.html", "text/html; charset=utf-8");
        Map(routes, "/page.css", "page.css", "text/css; charset=utf-8");
        Map(routes, "/page.js", "page.js", "text/javascript; charset=utf-8");
    }

    private static void Map(IEndpointRouteBuilder routes, string path, string file, string type)
    {
        var bytes = Read(file);
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))}\"");
        _ = routes.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], (HttpContext context) =>
        {
            // In a group of the host's: what the page names is relative to it.
            if (path == "/" && context.Request.Path.Value is [.., not '/'] without)
                return Results.LocalRedirect($"{context.Request.PathBase}{without}/");
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = Policy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers.CacheControl = "no-cache";      // kept, and asked for by its tag
            return Results.Bytes(bytes, type, entityTag: tag);
        }).WithMetadata(new RequestGuard.Open()).WithOrder(BehindTheHosts).ExcludeFromDescription();
    }

    private static byte[] Read(string file)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Page/{file}")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
