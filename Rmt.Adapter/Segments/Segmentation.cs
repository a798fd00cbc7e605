namespace Rmt.Adapter;

/// <summary>How a document of so many tokens is cut: a list of segments that is computed, not stored.</summary>
/// <remarks>There is always at least one segment: an empty document is a document.</remarks>
public readonly record struct Segmentation
{
    private readonly int tokens, size, first;       // size: of every segment but the first and the last

    internal Segmentation(int tokens, int size, SegmentAlignment alignment)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        this.tokens = tokens;
        Count = Math.Max(1, Ceiling(tokens, size));
        this.size = alignment == SegmentAlignment.Center ? Math.Max(1, Ceiling(tokens, Count)) : size;
        first = alignment == SegmentAlignment.Right ? tokens - (Count - 1) * size : Math.Min(tokens, this.size);
    }

    /// <summary>Number of segments.</summary>
    public int Count { get; }

    /// <summary>Where segment <paramref name="index"/> begins in the document.</summary>
    private int Begin(int index) => index == 0 ? 0 : Math.Min(tokens, first + (index - 1) * size);

    /// <summary>The tokens of a segment, as a range of the document.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such segment.</exception>
    public Range this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return Begin(index)..(index == Count - 1 ? tokens : Begin(index + 1));
        }
    }

    private static int Ceiling(int a, int b) => (int)(((long)a + b - 1) / b);
}
