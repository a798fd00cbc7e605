using Rmt.Adapter;

namespace Rmt.Loaders;

/// <summary>One document on its way through a <see cref="WordPieceTokenizer"/>: text as written → added tokens → normalization → added
/// tokens of the normalized text → words → ids.</summary>
/// <remarks>Every stage takes code points one by one and holds back only what is not certain yet, so parts may be cut anywhere and memory does
/// not grow with the text or its words: half a surrogate pair, the beginning of an added token, marks not in order yet, one word up to
/// its longest length. Lone surrogates are U+FFFD, as .NET's UTF-8 would write them.</remarks>
internal sealed class WordPieceTokenization : ITokenization
{
    private readonly AsciiTable ascii;
    private readonly AddedTokenMatcher matcher;
    private readonly BertNormalization normalization;
    private readonly WordBuilder words;
    private readonly bool cleans;
    private readonly bool searchesTwice;      // there are normalized added tokens: only they see what strips take away
    private readonly bool holdsSpaces;
    private char high;                        // first half of a surrogate pair whose second half has not come
    private long spaces;                      // white space that an added token behind it may take away
    private bool dropsSpaces;                 // directly behind an added token that takes them
    private bool completed;

    internal WordPieceTokenization(WordPieceOptions options, WordPieces pieces, AsciiTable ascii, AddedTokenTrie written,
        AddedTokenTrie normalized)
    {
        this.ascii = ascii;
        cleans = options.CleanText;
        searchesTwice = !normalized.IsEmpty;
        holdsSpaces = searchesTwice && written.LeftStrips;
        matcher = new AddedTokenMatcher(written);
        words = new WordBuilder(pieces);
        normalization = new BertNormalization(options, searchesTwice ? new AddedTokenPass(normalized, words) : words);
    }

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<char> text, List<int> ids)
    {
        Begin(ids);
        var at = 0;
        if (high != 0 && text.Length > 0)
        {
            var pair = char.IsLowSurrogate(text[0]);
            Written(pair ? char.ConvertToUtf32(high, text[0]) : CodePoints.Replacement);
            at = pair ? 1 : 0;
            high = '\0';
        }
        while (at < text.Length)
        {
            if (!searchesTwice && matcher.IsIdle && normalization.IsIdle)
            {
                var from = at;
                at = words.AddAscii(text, at, ascii);
                if (at > from)
                    matcher.AfterWord = CodePoints.Is(text[at - 1], Traits.Word);
                if (at == text.Length)
                    break;
            }
            var first = text[at++];
            if (!char.IsSurrogate(first))
                Written(first);
            else if (char.IsLowSurrogate(first))
                Written(CodePoints.Replacement);
            else if (at == text.Length)
                high = first;
            else
                Written(char.IsLowSurrogate(text[at]) ? char.ConvertToUtf32(first, text[at++]) : CodePoints.Replacement);
        }
    }

    /// <inheritdoc/>
    public void Complete(List<int> ids)
    {
        Begin(ids);
        completed = true;
        if (high != 0)
            Written(CodePoints.Replacement);
        Take(atEnd: true);
        GiveSpaces();
        normalization.End();
    }

    private void Begin(List<int> ids)
    {
        if (completed)
            throw new InvalidOperationException("The text is complete; begin another tokenization for another text.");
        words.Ids = ids;
    }

    // A code point of the text as written.
    private void Written(int codePoint)
    {
        if (matcher.Passes(codePoint))
        {
            matcher.AfterWord = CodePoints.Is(codePoint, Traits.Word);
            Plain(codePoint);
            return;
        }
        matcher.Push(codePoint);
        Take(atEnd: false);
    }

    private void Take(bool atEnd)
    {
        while (matcher.TryTake(atEnd, out var token, out var codePoint))
        {
            if (token is null)
            {
                Plain(codePoint);
                continue;
            }
            if (token.LeftStrip)
                spaces = 0;
            GiveSpaces();
            normalization.End();
            words.Ids.Add(token.Id);
            dropsSpaces = token.RightStrip && searchesTwice;
        }
    }

    // A code point that belongs to no added token.
    private void Plain(int codePoint)
    {
        if (holdsSpaces || dropsSpaces)
        {
            var space = CodePoints.Is(codePoint, Traits.WhiteSpace);
            if (space && dropsSpaces)
                return;
            dropsSpaces = false;
            if (space && holdsSpaces)
            {
                // Cleaned, each is a space or nothing, so that counting them is keeping them. WordPieceTokenizer refuses the other case.
                spaces += cleans && CodePoints.Is(codePoint, Traits.Dropped) ? 0 : 1;
                return;
            }
            GiveSpaces();
        }
        normalization.Add(codePoint);
    }

    private void GiveSpaces()
    {
        for (; spaces > 0; spaces--)
            normalization.Add(' ');
    }
}
