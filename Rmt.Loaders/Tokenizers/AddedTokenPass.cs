namespace Rmt.Loaders;

/// <summary>Takes text code point by code point, and the added tokens that stood in it.</summary>
internal interface ITokenSink : ICodePointSink
{
    /// <summary>Takes back the white space that came last, back to the last other code point, or to the last <see cref="ICodePointSink.End"/>.</summary>
    void DropSpaces();

    /// <summary>An added token; the text before it has ended.</summary>
    void Token(int id);
}

/// <summary>Cuts the added tokens of one trie out of the text and gives what is between them on, each stretch a text of its own.</summary>
internal sealed class AddedTokenPass(AddedTokenTrie trie, ITokenSink next) : ITokenSink
{
    private readonly AddedTokenMatcher matcher = new(trie);
    private bool dropsSpaces;       // directly behind a token that takes them

    /// <summary>Whether text in which no token begins may go around it.</summary>
    public bool IsIdle => matcher.IsIdle && !dropsSpaces;

    /// <summary>Tells the last code point of text that went around it.</summary>
    public void WentAround(int codePoint) => matcher.AfterWord = CodePoints.Is(codePoint, Traits.Word);

    /// <inheritdoc/>
    public void Add(int codePoint)
    {
        if (matcher.Passes(codePoint))
        {
            WentAround(codePoint);
            Plain(codePoint);
            return;
        }
        matcher.Push(codePoint);
        Take(atEnd: false);
    }

    /// <inheritdoc/>
    public void DropSpaces()
    {
        Take(atEnd: true);
        next.DropSpaces();
    }

    /// <inheritdoc/>
    public void Token(int id) => next.Token(id);

    /// <inheritdoc/>
    public void End()
    {
        Take(atEnd: true);
        matcher.Reset();
        dropsSpaces = false;
        next.End();
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
                next.DropSpaces();
            next.End();
            next.Token(token.Id);
            dropsSpaces = token.RightStrip;
        }
    }

    private void Plain(int codePoint)
    {
        if (dropsSpaces && CodePoints.Is(codePoint, Traits.WhiteSpace))
            return;
        dropsSpaces = false;
        next.Add(codePoint);
    }
}
