namespace Rmt.Loaders;

/// <summary>Takes code points one after another.</summary>
internal interface ICodePointSink
{
    void Add(int codePoint);

    /// <summary>The text ends here; another may begin.</summary>
    void End();
}

/// <summary>Hugging Face's <c>BertNormalizer</c>, code point by code point: clean, set ideographs apart, decompose and strip,
/// lower-case.</summary>
/// <remarks>github.com/huggingface/tokenizers, tokenizers/src/normalizers/bert.rs. Decomposing means NFD, so combining marks that follow one
/// another are put in the order of their classes, and may come in different parts of a text: they are held until a code point of class 0
/// comes. Nearly all marks are stripped instead, and then they need not be held.</remarks>
internal sealed class BertNormalization(WordPieceOptions options, ICodePointSink output)
{
    // No text that means anything has so many unstripped marks in a row. More than the longest word has: such a run is one unknown token in
    // any order, so that giving it up in parts changes no word.
    private readonly int mostMarks = Math.Max(256, options.LongestWord + 1);
    private readonly bool strips = options.Strips;
    private readonly List<(int Class, int CodePoint)> marks = [];

    /// <summary>Whether nothing is held back.</summary>
    public bool IsIdle => marks.Count == 0;

    public void Add(int codePoint)
    {
        var traits = CodePoints.TraitsAt(codePoint);
        if (options.CleanText)
        {
            if ((traits & Traits.Dropped) != 0)
                return;
            if ((traits & Traits.Space) != 0)
                (codePoint, traits) = (' ', CodePoints.TraitsAt(' '));
        }
        var apart = options.SplitIdeographs && (traits & Traits.Ideograph) != 0;
        if (apart)
            Canonical(' ');
        if (strips && (traits & Traits.Composed) != 0)
            Decomposed(codePoint);
        else
            Canonical(codePoint);
        if (apart)
            Canonical(' ');
    }

    /// <summary>The text ends here: gives up what is held.</summary>
    public void End()
    {
        GiveMarks();
        output.End();
    }

    private void Decomposed(int codePoint)
    {
        Span<int> parts = stackalloc int[4];
        foreach (var part in parts[..CodePoints.Decompose(codePoint, parts)])
            Canonical(part);
    }

    private void Canonical(int codePoint)
    {
        if (!strips)
        {
            Lowered(codePoint);
            return;
        }
        var traits = CodePoints.TraitsAt(codePoint);
        var combines = (traits & Traits.Combining) != 0;
        if (!combines)
            GiveMarks();    // nothing is ordered across a code point of class 0, even one that is stripped itself
        if ((traits & Traits.StrippedMark) != 0)
            return;
        if (combines)
            Hold(codePoint);
        else
            Lowered(codePoint);
    }

    // Insertion from behind keeps marks of one class in the order in which they came.
    private void Hold(int codePoint)
    {
        if (marks.Count == mostMarks)
            GiveMarks();
        var order = CodePoints.CombiningClass(codePoint);
        var at = marks.Count;
        while (at > 0 && marks[at - 1].Class > order)
            at--;
        marks.Insert(at, (order, codePoint));
    }

    private void GiveMarks()
    {
        if (marks.Count == 0)
            return;
        foreach (var (_, codePoint) in marks)
            Lowered(codePoint);
        marks.Clear();
    }

    private void Lowered(int codePoint)
    {
        if (!options.Lowercase || !CodePoints.Is(codePoint, Traits.Upper))
        {
            output.Add(codePoint);
            return;
        }
        output.Add(CodePoints.Lower(codePoint, out var second));
        if (second != 0)
            output.Add(second);
    }
}
