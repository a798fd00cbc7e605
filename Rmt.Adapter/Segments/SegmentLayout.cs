namespace Rmt.Adapter;

/// <summary>Where things stand in a window: <c>[CLS] memory × m [SEP] tokens [SEP] [PAD] …</c></summary>
public sealed record SegmentLayout
{
    /// <param name="window">Length of a full window, everything included (BERT: 512).</param>
    /// <param name="memoryTokens">m; 0 is the plain backbone on each segment.</param>
    /// <param name="special">The frame; [CLS], [SEP] and [PAD] are needed.</param>
    /// <exception cref="ArgumentException">No room for a token, or the frame lacks one.</exception>
    public SegmentLayout(int window, int memoryTokens, SpecialTokens special)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(memoryTokens);
        Cls = special.Cls ?? throw new ArgumentException("the tokenizer has no [CLS] to begin a window with", nameof(special));
        Sep = special.Sep ?? throw new ArgumentException("the tokenizer has no [SEP] to end memory and segment with", nameof(special));
        Pad = special.Pad ?? throw new ArgumentException("the tokenizer has no [PAD] to fill a window with", nameof(special));
        (Window, MemoryTokens, Special) = (window, memoryTokens, special);
        TokensPerSegment = window - memoryTokens - FrameTokens;
        if (TokensPerSegment < 1)
            throw new ArgumentException($"a window of {window} has no room for tokens: {memoryTokens} memory tokens and {FrameTokens} special tokens fill it", nameof(window));
    }

    /// <summary>[CLS], the [SEP] behind memory and the [SEP] behind the segment.</summary>
    public const int FrameTokens = 3;

    /// <summary>Length of a full window: 512.</summary>
    public int Window { get; }

    /// <summary>m: 10.</summary>
    public int MemoryTokens { get; }

    /// <summary>Tokens of the document in a full window: 499.</summary>
    public int TokensPerSegment { get; }

    /// <summary>The ids of the frame.</summary>
    public SpecialTokens Special { get; }

    /// <summary>Where memory is put: 1..11.</summary>
    public Range ReadMemory => 1..(1 + MemoryTokens);

    /// <summary>Where memory is taken, counted in <see cref="RowsRead"/>: 1..11.</summary>
    public Range WriteMemory => 1..(1 + MemoryTokens);

    /// <summary>The rows of the last layer that anyone looks at: [CLS] and memory, 0..11.</summary>
    public Range RowsRead => ..(1 + MemoryTokens);

    /// <summary>Length of the window around a segment of so many tokens.</summary>
    public int WindowOf(int tokens) => tokens + MemoryTokens + FrameTokens;

    private int Cls { get; }

    private int Sep { get; }

    private int Pad { get; }

    /// <summary>Writes the window around a segment; memory slots and what is left over hold [PAD].</summary>
    public void Fill(ReadOnlySpan<int> segment, Span<long> window)
    {
        window.Fill(Pad);
        window[0] = Cls;
        window[1 + MemoryTokens] = Sep;
        for (var i = 0; i < segment.Length; i++) window[2 + MemoryTokens + i] = segment[i];
        window[2 + MemoryTokens + segment.Length] = Sep;
    }
}
