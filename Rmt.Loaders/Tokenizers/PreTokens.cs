namespace Rmt.Loaders;

/// <summary>Last stage of byte-level BPE: text to pre-tokens, pre-tokens to ids. Parts are those of GPT-2's pattern,
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>, over code points.</summary>
/// <remarks>In words: a run of letters, of numbers or of others takes one space before it along; of white space before a word all but the last stays
/// together, and the last by itself if it is no space. Text may come in parts that end anywhere between two code points; what is held is one pre-token,
/// for its last bytes may change how its first ones are joined.</remarks>
internal sealed class PreTokens(BytePieces pieces, bool prefixSpace) : ITokenSink
{
    private static readonly Run[] Ascii = [.. Enumerable.Range(0, 128).Select(c => RunOf(c))];

    private Run run;
    private char[] held = new char[64];      // of the pre-token that is not at its end, what came in earlier parts
    private int count;
    private bool atStart = true;

    private enum Run : byte { None, Letters, Numbers, Others, Spaces, Quote }

    /// <summary>Where ids go.</summary>
    public List<int> Ids { get; set; } = [];

    /// <inheritdoc/>
    public void Add(int codePoint)
    {
        Span<char> units = stackalloc char[2];
        Add(units[..CodePoints.Write(codePoint, units)]);
    }

    /// <summary>Adds text in which no added token is.</summary>
    /// <param name="text">UTF-16 that ends inside no surrogate pair.</param>
    public void Add(ReadOnlySpan<char> text)
    {
        if (text.Length == 0)
            return;
        if (prefixSpace && atStart && text[0] != ' ')
        {
            Hold(" ");
            run = Run.Spaces;
        }
        atStart = false;
        var from = 0;      // where the pre-token begins, or goes on
        for (var at = 0; at < text.Length;)
        {
            switch (run)
            {
                case Run.None:
                    run = RunAt(text, at, out var units);
                    at += units;
                    break;
                case Run.Spaces:
                    at = EndOf(Run.Spaces, text, at);
                    if (at < text.Length)
                        GiveSpaces(text, ref from, at);
                    break;
                case Run.Quote:
                    Contraction(text, ref from, ref at);
                    break;
                default:
                    at = EndOf(run, text, at);
                    if (at < text.Length)
                        Give(text, ref from, at);
                    break;
            }
        }
        Hold(text[from..]);
    }

    /// <inheritdoc/>
    public void DropSpaces()
    {
        if (run == Run.Spaces)
            (run, count) = (Run.None, 0);
    }

    /// <inheritdoc/>
    public void Token(int id) => Ids.Add(id);

    /// <inheritdoc/>
    public void End()
    {
        if (run == Run.Quote && count == 2)
        {
            pieces.Append(held.AsSpan(0, 1), Ids);      // no contraction: 'r
            pieces.Append(held.AsSpan(1, 1), Ids);
        }
        else if (count > 0)
        {
            pieces.Append(held.AsSpan(0, count), Ids);
        }
        (run, count, atStart) = (Run.None, 0, true);
    }

    // The pre-token ends before at.
    private void Give(ReadOnlySpan<char> text, ref int from, int at)
    {
        if (count == 0)
        {
            pieces.Append(text[from..at], Ids);
        }
        else
        {
            Hold(text[from..at]);
            pieces.Append(held.AsSpan(0, count), Ids);
            count = 0;
        }
        (from, run) = (at, Run.None);
    }

    // White space ends before at, where a word begins. All white space is in the BMP, so the last one is one unit.
    private void GiveSpaces(ReadOnlySpan<char> text, ref int from, int at)
    {
        if (at == from)       // all of it came earlier
        {
            var last = held[count - 1];
            count--;
            if (count > 0)
                pieces.Append(held.AsSpan(0, count), Ids);
            count = 0;
            Hold([last]);
            if (last == ' ')
                run = WordAt(text, at);
            else
                Give(text, ref from, at);
            return;
        }
        if (count + at - from > 1)
            Give(text, ref from, at - 1);
        if (text[at - 1] == ' ')
            run = WordAt(text, at);
        else
            Give(text, ref from, at);
    }

    // Behind ' or, with a letter that may begin a longer one, behind 'r, 'v or 'l.
    private void Contraction(ReadOnlySpan<char> text, ref int from, ref int at)
    {
        var letter = text[at];
        if (count + at - from == 1)
        {
            if (letter is 's' or 't' or 'm' or 'd')
                Give(text, ref from, ++at);
            else if (letter is 'r' or 'v' or 'l')
                at++;
            else
                run = Run.Others;
            return;
        }
        var before = at > from ? text[at - 1] : held[1];
        if (letter == (before == 'l' ? 'l' : 'e'))
        {
            Give(text, ref from, ++at);
            return;
        }
        if (at > from)
        {
            Give(text, ref from, at - 1);
        }
        else
        {
            pieces.Append(held.AsSpan(0, 1), Ids);
            (held[0], count) = (before, 1);
        }
        run = Run.Letters;
    }

    private void Hold(ReadOnlySpan<char> text)
    {
        if (count + text.Length > held.Length)
            Array.Resize(ref held, Math.Max(count + text.Length, (int)Math.Min(2L * held.Length, Array.MaxLength)));
        text.CopyTo(held.AsSpan(count));
        count += text.Length;
    }

    private static int EndOf(Run run, ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length)
        {
            if ((text[at] < 128 ? Ascii[text[at]] : RunAt(text, at, out _)) is var next && next != run && (next != Run.Quote || run != Run.Others))
                break;
            at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
        }
        return at;
    }

    // Behind a space a quote is one of the others.
    private static Run WordAt(ReadOnlySpan<char> text, int at) => RunAt(text, at, out _) is var next && next == Run.Quote ? Run.Others : next;

    private static Run RunAt(ReadOnlySpan<char> text, int at, out int units)
    {
        units = 1;
        var first = text[at];
        if (first < 128)
            return Ascii[first];
        if (!char.IsSurrogate(first))
            return RunOf(first);
        if (char.IsLowSurrogate(first) || at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1]))
            return Run.Others;       // half a pair is U+FFFD
        units = 2;
        return RunOf(char.ConvertToUtf32(first, text[at + 1]));
    }

    private static Run RunOf(int codePoint)
    {
        var traits = CodePoints.TraitsAt(codePoint);
        return codePoint == '\'' ? Run.Quote : (traits & Traits.Letter) != 0 ? Run.Letters : (traits & Traits.Number) != 0 ? Run.Numbers
            : (traits & Traits.WhiteSpace) != 0 ? Run.Spaces : Run.Others;
    }
}
