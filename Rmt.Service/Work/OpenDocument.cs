using System.Diagnostics;
using Rmt.Adapter;

namespace Rmt.Service;

/// <summary>A leased document with its tokens, on its way through a scheduler.</summary>
internal sealed class OpenDocument(Lease lease, LoadedModel model)
{
    public Lease Lease { get; } = lease;
    public LoadedModel Model { get; } = model;
    public int Length => Lease.Length;
    public required DocumentTokens Tokens { get; init; }

    /// <summary>[m × H], or empty.</summary>
    public required float[] Memory { get; init; }
    public ReadDocument? Reading { get; set; }

    /// <summary>Whether the store knows that it is about to be read; and whether it was.</summary>
    public bool IsTried { get; set; }

    public Activity? Activity { get; init; }
    public long Begun { get; } = Stopwatch.GetTimestamp();

    /// <summary>The number in the whole document of the first segment that the scheduler knows.</summary>
    private int First => Tokens.Feed is { } feed ? Lease.NextSegment - feed.FeedRead : 0;

    public SegmentCommit Commit(SegmentReading reading, double[] scores) => new(Lease, First + reading.Segment, scores, reading.Memory.ToArray(), Model.Hash)
    {
        TokensTotal = Tokens.Total,
        TokensRead = First * Model.Segmenter.Layout.TokensPerSegment + Until(reading),
        Segments = First + reading.Document.Segments.Count,
        IsAnswer = reading.IsLast && (Tokens.Feed is null || Tokens.Feed.IsLast),
        FeedSegment = reading.Segment,
        FeedEnd = reading.IsLast ? Tokens.FeedEnd : null,
    };

    // Tokens that the scheduler knows, up to the end of this segment.
    private static int Until(SegmentReading reading)
    {
        var (offset, length) = reading.Document.Segments[reading.Segment].GetOffsetAndLength(reading.Document.Tokens.Length);
        return offset + length;
    }
}
