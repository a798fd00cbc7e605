namespace Rmt.Loaders;

/// <summary>Finds added tokens in a text that comes code point by code point: at the leftmost place the longest one, as the Rust library's
/// automaton does (Aho-Corasick, <c>LeftmostLongest</c>).</summary>
/// <remarks>Holds back only what may still become a token: at most one code point more than the longest token has.</remarks>
internal sealed class AddedTokenMatcher(AddedTokenTrie trie)
{
    private int[] window = new int[16];      // a ring; its length is a power of 2
    private int front, count;
    private int node, walked;                // where the trie leads from the window's front, and how many code points that took
    private AddedToken? longest;
    private int longestLength;
    private bool ended;                      // the walk cannot go on: what was found is what there is
    private int plain;                       // code points at the front that the search has passed

    /// <summary>Whether nothing is held back.</summary>
    public bool IsIdle => count == 0;

    /// <summary>Whether a <c>\w</c> stands directly before what comes next. Kept by the matcher, but for text that went around it.</summary>
    public bool AfterWord { get; set; }

    /// <summary>Whether a code point may go around an idle matcher.</summary>
    public bool Passes(int codePoint) => count == 0 && !trie.Begins(codePoint);

    public void Push(int codePoint)
    {
        if (count == window.Length)
        {
            var larger = new int[2 * count];
            for (var i = 0; i < count; i++)
                larger[i] = At(i);
            (window, front) = (larger, 0);
        }
        window[(front + count++) & (window.Length - 1)] = codePoint;
    }

    /// <summary>Takes from the front of what was pushed what is certain: a token, or else one plain code point. False if more text is needed,
    /// or nothing is left.</summary>
    public bool TryTake(bool atEnd, out AddedToken? token, out int codePoint)
    {
        (token, codePoint) = (null, 0);
        while (count > 0)
        {
            if (plain > 0)
            {
                plain--;
                codePoint = Pop(1);
                return true;
            }
            if (!Walk(atEnd))
                return false;
            if (longest is null)
            {
                codePoint = Pop(1);
                return true;
            }
            if (longest.SingleWord)
            {
                if (longestLength == count && !atEnd)
                    return false;    // the code point behind it decides
                if (AfterWord || (longestLength < count && CodePoints.Is(At(longestLength), Traits.Word)))
                {
                    plain = longestLength;   // the search goes on behind it, not inside it
                    continue;
                }
            }
            token = longest;
            _ = Pop(longestLength);
            return true;
        }
        return false;
    }

    /// <summary>Begins another text.</summary>
    public void Reset()
    {
        AfterWord = false;
        (count, plain) = (0, 0);
        Restart();
    }

    // Goes on where the last walk had to stop for want of text. False if more text could make a longer token.
    private bool Walk(bool atEnd)
    {
        while (!ended && walked < count)
        {
            node = trie.Next(node, At(walked));
            if (node == 0)
            {
                ended = true;
                break;
            }
            walked++;
            if (trie.TokenAt(node) is { } token)
                (longest, longestLength) = (token, walked);
            ended = !trie.Leads(node);
        }
        return ended || atEnd;
    }

    private int At(int index) => window[(front + index) & (window.Length - 1)];

    // Returns the last code point that was taken.
    private int Pop(int length)
    {
        var last = At(length - 1);
        front = (front + length) & (window.Length - 1);
        count -= length;
        AfterWord = CodePoints.Is(last, Traits.Word);
        Restart();
        return last;
    }

    private void Restart() => (node, walked, longest, longestLength, ended) = (0, 0, null, 0, false);
}
