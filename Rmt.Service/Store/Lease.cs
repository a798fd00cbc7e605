using System.Diagnostics;

namespace Rmt.Service;

/// <summary>A document that this process may read, and nobody else, as long as its fence stands.</summary>
internal sealed record Lease
{
    public required long Seq { get; init; }
    public required string Id { get; init; }
    public required DocumentKind Kind { get; init; }
    public required string Model { get; init; }

    /// <summary>Of the model it began with; null before its first segment.</summary>
    public string? ModelHash { get; init; }
    public required long Fence { get; init; }
    public int NextSegment { get; init; }
    public int? MaxTokens { get; init; }
    public string? Truncate { get; init; }

    /// <summary>Whether it is suspected: its next segment is read alone.</summary>
    public bool Alone { get; init; }
    public string? TraceParent { get; init; }

    /// <summary>The id of the trace that the request which brought it belongs to, as logs say it; - where none did.</summary>
    public string Trace => ActivityContext.TryParse(TraceParent, null, out var context) ? context.TraceId.ToHexString() : "-";
    public double QueuedAt { get; init; }
    public int Attempts { get; init; }

    /// <summary>Its <see cref="LengthClass"/>.</summary>
    public int Length { get; init; }
}

/// <summary>The state of a stream at the beginning of a feed, and how much of the feed was read.</summary>
/// <param name="NextPart">The first part of the feed.</param>
/// <param name="FeedUntil">Behind its last part.</param>
/// <param name="FeedRead">Segments of it that were read.</param>
/// <param name="IsLast">Whether the stream ended and no part comes after the feed.</param>
/// <param name="Pending">Bytes before the feed that are no tokens yet.</param>
/// <param name="Tail">Tokens before the feed that fill no segment.</param>
internal sealed record StreamFeed(int NextPart, int FeedUntil, int FeedRead, bool IsLast, byte[] Pending, int[] Tail);
