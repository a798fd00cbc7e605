using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>Where things stand in a window: <c>[CLS] memory × m [SEP] tokens [SEP] [PAD] …</c>, or, where a token sees only what stands in front of it,
/// <c>memory × m tokens memory × m [PAD] …</c>: read in front, written behind, right behind each row's own tokens, so that padding never reaches memory.</summary>
public sealed record SegmentLayout
{
    /// <param name="window">Length of a full window, everything included (BERT: 512).</param>
    /// <param name="memoryTokens">m; 0 is the plain backbone on each segment.</param>
    /// <param name="special">The frame; [CLS], [SEP] and [PAD] are needed, none of them where <paramref name="isCausal"/>.</param>
    /// <param name="isCausal">Whether the backbone is (<see cref="IBackbone.IsCausal"/>).</param>
    /// <exception cref="ArgumentException">No room for a token, or the frame lacks one.</exception>
    public SegmentLayout(int window, int memoryTokens, SpecialTokens special, bool isCausal = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(memoryTokens);
        (Window, MemoryTokens, Special, IsCausal) = (window, memoryTokens, special, isCausal);
        if (!isCausal)
        {
            Cls = special.Cls ?? throw new ArgumentException("the tokenizer has no [CLS] to begin a window with", nameof(special));
            Sep = special.Sep ?? throw new ArgumentException("the tokenizer has no [SEP] to end memory and segment with", nameof(special));
            Pad = special.Pad ?? throw new ArgumentException("the tokenizer has no [PAD] to fill a window with", nameof(special));
        }
        TokensPerSegment = window - memoryTokens - Frame;
        if (TokensPerSegment < 1)
            throw new ArgumentException($"a window of {window} has no room for tokens: {memoryTokens} memory tokens and {Frame} {(isCausal ? "places to write them" : "special tokens")} fill it", nameof(window));
    }

    /// <summary>Of an encoder: [CLS], the [SEP] behind memory and the [SEP] behind the segment.</summary>
    public const int FrameTokens = 3;

    /// <summary>What a window holds beside the memory that is read and the segment: special tokens, or the memory that is written.</summary>
    public int Frame => IsCausal ? MemoryTokens : FrameTokens;

    /// <summary>Whether memory is read in front and written behind.</summary>
    public bool IsCausal { get; }

    /// <summary>Length of a full window: 512.</summary>
    public int Window { get; }

    /// <summary>m: 10.</summary>
    public int MemoryTokens { get; }

    /// <summary>Tokens of the document in a full window: 499.</summary>
    public int TokensPerSegment { get; }

    /// <summary>The ids of the frame.</summary>
    public SpecialTokens Special { get; }

    /// <summary>Where memory is put: 1..11; causal: 0..10.</summary>
    public Range ReadMemory => First..(First + MemoryTokens);

    /// <summary>Where memory is taken, counted in the rows that are read: 1..11.</summary>
    public Range WriteMemory => 1..(1 + MemoryTokens);

    /// <summary>The rows of the last layer that anyone looks at, of a window that is not padded: [CLS] and memory, 0..11; causal: the last token and the memory behind it.</summary>
    public Range RowsRead => IsCausal ? ^(1 + MemoryTokens).. : ..(1 + MemoryTokens);

    /// <summary>Length of the window around a segment of so many tokens.</summary>
    public int WindowOf(int tokens) => tokens + MemoryTokens + Frame;

    private int First => IsCausal ? 0 : 1;

    private int Cls { get; }

    private int Sep { get; }

    private int Pad { get; }

    /// <summary>Writes the window around a segment; memory slots and what is left over hold [PAD].</summary>
    public void Fill(ReadOnlySpan<int> segment, Span<long> window)
    {
        window.Fill(Pad);
        var begin = First + MemoryTokens + (IsCausal ? 0 : 1);
        for (var i = 0; i < segment.Length; i++) window[begin + i] = segment[i];
        if (IsCausal) return;
        window[0] = Cls;
        window[begin - 1] = Sep;
        window[begin + segment.Length] = Sep;
    }

    /// <summary>Of causal windows of different lengths, where each row's own last token and the memory behind it stand: [A, L] bool → [A, 1 + m] int64.</summary>
    internal Tensor Ends(Tensor mask)
    {
        using var scope = NewDisposeScope();
        var lengths = mask.to(int64).sum(1, keepdim: true);                                     // [A, 1]
        return (lengths - (1 + MemoryTokens) + arange(1 + MemoryTokens, device: mask.device)).MoveToOuterDisposeScope();
    }
}
