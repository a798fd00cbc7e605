namespace Rmt.Loaders;

/// <summary>Second pass: added tokens that are looked for in the normalized text.</summary>
/// <remarks>What their <c>lstrip</c> and <c>rstrip</c> take away is white space between words, which gives no ids anyway.</remarks>
internal sealed class NormalizedTokens(AddedTokenTrie trie, WordBuilder words) : ICodePointSink
{
    private readonly AddedTokenMatcher matcher = new(trie);

    public void Add(int codePoint)
    {
        if (matcher.Passes(codePoint))
        {
            matcher.AfterWord = CodePoints.Is(codePoint, Traits.Word);
            words.Add(codePoint);
            return;
        }
        matcher.Push(codePoint);
        Take(atEnd: false);
    }

    public void End()
    {
        Take(atEnd: true);
        matcher.Reset();
        words.End();
    }

    private void Take(bool atEnd)
    {
        while (matcher.TryTake(atEnd, out var token, out var codePoint))
        {
            if (token is null)
            {
                words.Add(codePoint);
                continue;
            }
            words.End();
            words.Ids.Add(token.Id);
        }
    }
}
