namespace Rmt.Adapter;

/// <summary>What a document costs when it is read segment by segment: as many windows as it has segments, hence linear in its length.</summary>
public sealed record RecurrentCost
{
    /// <param name="shape">The backbone.</param>
    /// <param name="window">Length of every window, memory and special tokens included.</param>
    /// <param name="tokensPerSegment">Tokens of the document in it, 1 to <paramref name="window"/>. Figure 3 of arXiv 2304.11062 counts all 512; BERT with
    /// ten memory tokens reads 499 (<see cref="SegmentLayout"/>).</param>
    public RecurrentCost(TransformerShape shape, int window, int tokensPerSegment)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokensPerSegment, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokensPerSegment, window);
        (Shape, Window, TokensPerSegment) = (shape, window, tokensPerSegment);
    }

    /// <summary>The backbone.</summary>
    public TransformerShape Shape { get; }

    /// <summary>Length of every window.</summary>
    public int Window { get; }

    /// <summary>Tokens of the document in a full segment.</summary>
    public int TokensPerSegment { get; }

    /// <summary>Segments of a document of so many tokens; one at least.</summary>
    public long Segments(long tokens) => Math.Max(1, (tokens + TokensPerSegment - 1) / TokensPerSegment);

    /// <summary>Floating-point operations of reading such a document, the segment that is not full counted as a full one.</summary>
    public double Flops(long tokens) => Segments(tokens) * Shape.Flops(Window);

    /// <summary>How many times as much the same model costs when every token sees the whole document.</summary>
    public double Ratio(long tokens) => Shape.Flops(tokens) / Flops(tokens);
}
