using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Rmt.Service;

/// <summary>Stands around every route: asks for a key, and turns what a request did wrong into a problem. Nothing that is sent makes a 500.</summary>
internal sealed class RequestGuard(AccessKeys keys, ServiceMetrics metrics)
{
    private const string Scheme = "Bearer ";

    private static readonly TimeSpan Lingering = TimeSpan.FromSeconds(2);

    /// <summary>Marks a route that needs no key.</summary>
    public sealed class Open;

    /// <summary>Puts itself around a route.</summary>
    public void Around(EndpointBuilder route)
    {
        if (route.RequestDelegate is not { } inner)
            return;
        var open = route.Metadata.OfType<Open>().Any();
        route.RequestDelegate = context => Guarded(context, inner, open);
    }

    private async Task Guarded(HttpContext context, RequestDelegate inner, bool open)
    {
        try
        {
            if (!open)
                RequireKey(context);
            await inner(context);
        }
        catch (RequestException error)
        {
            metrics.Rejected.Add(1, ServiceMetrics.Tag("reason", error.Kind));
            await Tell(context, error);
        }
        catch (BadHttpRequestException error)
        {
            metrics.Rejected.Add(1, ServiceMetrics.Tag("reason", Kind(error)));
            await Tell(context, new(error.StatusCode, Kind(error), error.Message));
        }
        catch (InvalidDataException error)
        {
            metrics.Rejected.Add(1, ServiceMetrics.Tag("reason", "bad-request"));
            await Tell(context, RequestException.Bad(error.Message));
        }
        catch (StoreUnavailableException error)
        {
            metrics.Rejected.Add(1, ServiceMetrics.Tag("reason", "store-unavailable"));
            await Tell(context, new(StatusCodes.Status503ServiceUnavailable, "store-unavailable", error.Message) { RetryAfter = 10 });
        }
        catch (Exception error) when (context.RequestAborted.IsCancellationRequested && error is OperationCanceledException or IOException)
        {
            // Nobody listens any more.
        }
        catch (IOException error)
        {
            metrics.Rejected.Add(1, ServiceMetrics.Tag("reason", "bad-request"));
            await Tell(context, RequestException.Bad($"the body is cut off or malformed: {error.Message}"));
        }
    }

    private void RequireKey(HttpContext context)
    {
        if (!keys.AreNeeded)
            return;
        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && keys.Contain(header[Scheme.Length..].Trim()))
            return;
        context.Response.Headers.WWWAuthenticate = "Bearer";
        throw new RequestException(StatusCodes.Status401Unauthorized, "no-key", "this needs a key: Authorization: Bearer KEY.");
    }

    private static async Task Tell(HttpContext context, RequestException error)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }
        context.Response.StatusCode = error.Status;
        if (error.LeavesBody)
            context.Response.Headers.Connection = "close";
        if (error.RetryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        var problem = new ProblemDetails { Type = $"urn:rmt:problem:{error.Kind}", Title = Title(error.Kind), Status = error.Status, Detail = error.Message, Instance = context.Request.Path };
        await context.Response.WriteAsJsonAsync(problem, ServiceJson.Options, "application/problem+json", CancellationToken.None);
        if (error.LeavesBody)
            await LeaveBody(context);
    }

    // Bytes that nobody has read when a connection is closed reset it, and the answer may be lost; so what still comes is read for a while. Kestrel does that too,
    // by a clock that stands still once it ends: a connection of that moment held up the end of the process until the host had no more patience.
    private static async Task LeaveBody(HttpContext context)
    {
        await context.Response.CompleteAsync();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(Lingering);
        var buffer = new byte[1 << 16];
        try
        {
            while (await context.Request.Body.ReadAsync(buffer, patience.Token) > 0)
            {
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }

    // What the server itself found, while it read the body.
    private static string Kind(BadHttpRequestException error) => error.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => "too-large",
        StatusCodes.Status408RequestTimeout => "too-slow",
        _ => "bad-request",
    };

    private static string Title(string kind) => $"{char.ToUpperInvariant(kind[0])}{kind[1..].Replace('-', ' ')}";
}
