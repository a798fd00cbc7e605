namespace Rmt.Service;

/// <summary>A segment that was read, to be kept.</summary>
/// <param name="Lease">Whose.</param>
/// <param name="Segment">Which, from 0.</param>
/// <param name="Scores">After it: C numbers.</param>
/// <param name="Memory">[m × H] after it.</param>
/// <param name="ModelHash">Of the model that read it.</param>
internal sealed record SegmentCommit(Lease Lease, int Segment, double[] Scores, float[] Memory, string ModelHash)
{
    public required int TokensTotal { get; init; }
    public required int TokensRead { get; init; }

    /// <summary>Of the document; of a stream, those that are known.</summary>
    public required int Segments { get; init; }

    /// <summary>Whether this is the answer.</summary>
    public bool IsAnswer { get; init; }

    /// <summary>Of a stream: the segment's number in the feed, from 0.</summary>
    public int FeedSegment { get; init; }

    /// <summary>Of a stream: what is left over, where the feed is read to its end.</summary>
    public FeedEnd? FeedEnd { get; init; }
}

/// <summary>What a feed leaves.</summary>
/// <param name="NextPart">The part that comes next.</param>
/// <param name="Pending">Bytes that are no tokens yet.</param>
/// <param name="Tail">Tokens that fill no segment.</param>
internal sealed record FeedEnd(int NextPart, byte[] Pending, int[] Tail);
