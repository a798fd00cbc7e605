namespace Rmt.Adapter;

/// <summary>A part of a text on its way through a tokenizer.</summary>
/// <param name="size">Most UTF-16 units.</param>
internal sealed class TextPart(int size)
{
    public char[] Text { get; } = new char[size];

    public int Count { get; set; }

    /// <summary>Whether the text may be cut behind it, or ends there. Otherwise the next part goes on in the same tokenization.</summary>
    public bool EndsAtCut { get; set; }

    public List<int> Ids { get; } = [];

    public void Tokenize(ITokenization tokenization)
    {
        tokenization.Append(Text.AsSpan(0, Count), Ids);
        if (EndsAtCut)
            tokenization.Complete(Ids);
    }
}

/// <summary>A text in parts that end where it may be cut, as far as they have such a place. Belongs to one thread.</summary>
internal sealed class TextParts(TextReader text, int size, ITokenizer tokenizer)
{
    private readonly Stack<TextPart> free = [];
    private readonly char[] kept = new char[size];   // read, and behind the last cut
    private int keptCount;
    private bool ended;

    /// <summary>The next part; the last one ends at the end of the text and may be empty. <see langword="null"/> after it.</summary>
    public TextPart? TryRead()
    {
        if (ended)
            return null;
        var part = free.TryPop(out var used) ? used : new TextPart(size);
        kept.AsSpan(0, keptCount).CopyTo(part.Text);
        part.Count = keptCount;
        for (var read = -1; read != 0 && part.Count < size; part.Count += read)
            read = text.Read(part.Text.AsSpan(part.Count));
        ended = part.Count < size;
        var end = ended ? part.Count : tokenizer.LastCut(part.Text.AsSpan(0, part.Count));
        part.EndsAtCut = ended || end > 0;
        if (end == 0)
            end = part.Count;      // no place to cut: the next part goes on where this one ends
        keptCount = part.Count - end;
        part.Text.AsSpan(end, keptCount).CopyTo(kept);
        part.Count = end;
        return part;
    }

    /// <summary>Takes back a part that is done with.</summary>
    public void Return(TextPart part)
    {
        part.Ids.Clear();
        free.Push(part);
    }
}
