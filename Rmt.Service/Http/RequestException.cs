using Microsoft.AspNetCore.Http;

namespace Rmt.Service;

/// <summary>A request that is answered with a problem (RFC 9457).</summary>
/// <param name="status">400 to 503.</param>
/// <param name="kind">The last part of its <c>type</c>: one for each cause.</param>
/// <param name="detail">Where, what was expected, what was there, what to do.</param>
internal sealed class RequestException(int status, string kind, string detail) : Exception(detail)
{
    public int Status => status;

    /// <summary>Also the reason in metrics.</summary>
    public string Kind => kind;

    /// <summary>Seconds after which it may work.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Whether the body was not read to its end, and will not be: the connection is of no more use.</summary>
    public bool LeavesBody { get; init; }

    public static RequestException Bad(string detail) => new(StatusCodes.Status400BadRequest, "bad-request", detail);

    public static RequestException NotFound(string what, string id) => new(StatusCodes.Status404NotFound, "not-found", $"there is no {what} '{id}'; it may have been erased, or purged after its time.");

    public static RequestException Conflict(string kind, string detail) => new(StatusCodes.Status409Conflict, kind, detail);

    public static RequestException Unprocessable(string kind, string detail) => new(StatusCodes.Status422UnprocessableEntity, kind, detail);

    public static RequestException TooLarge(long most) => new(StatusCodes.Status413PayloadTooLarge, "too-large", $"the body has more than {most} bytes, which is the most that is taken; send a long text as a stream, in parts.") { LeavesBody = true };

    public static RequestException Media(string kind, string detail) => new(StatusCodes.Status415UnsupportedMediaType, kind, detail) { LeavesBody = true };

    public static RequestException Ending() =>
        new(StatusCodes.Status503ServiceUnavailable, "ending", "the service is about to end and reads no further; send this again, to the one that follows.") { RetryAfter = 5, LeavesBody = true };

    public static RequestException QueueFull() => new(StatusCodes.Status429TooManyRequests, "queue-full", "as many documents wait as may; try again later.") { RetryAfter = 5 };

    public static RequestException Busy() => new(StatusCodes.Status429TooManyRequests, "too-many-uploads", "as many requests are read as may be at the same time; try again.") { RetryAfter = 1 };
}
