namespace Rmt.Loaders;

/// <summary>What becomes of each ASCII character where no other stage has anything pending: most text never leaves this table.</summary>
internal sealed class AsciiTable
{
    /// <summary>Not decided here: it may begin an added token, or the text is not cleaned.</summary>
    public const byte Leave = 0;
    /// <summary>Ends a word.</summary>
    public const byte Space = 1;
    /// <summary>Ends a word and is one.</summary>
    public const byte Punctuation = 2;
    /// <summary>Vanishes; the word goes on.</summary>
    public const byte Drop = 3;
    /// <summary>Everything above is the letter that is written.</summary>
    public const byte LastAction = 3;

    public AsciiTable(WordPieceOptions options, AddedTokenTrie written, WordPieces pieces)
    {
        var (ids, hashes) = (new List<int>(), new uint[1]);
        for (var c = 0; c < 128; c++)
        {
            var traits = CodePoints.TraitsAt(c);
            if (written.Begins(c))
                Letters[c] = Leave;
            else if ((traits & (Traits.Space | Traits.Dropped)) != 0)
                Letters[c] = !options.CleanText ? Leave : (traits & Traits.Space) != 0 ? Space : Drop;
            else
                Letters[c] = (traits & Traits.Punctuation) != 0 ? Punctuation
                    : (byte)(options.Lowercase && (traits & Traits.Upper) != 0 ? CodePoints.Lower(c, out _) : c);
            if (Letters[c] != Punctuation)
                continue;
            ids.Clear();
            pieces.Append([(char)c], PieceTable.Hash([(char)c]), hashes, ids);
            IdOfPunctuation[c] = ids[0];
        }
    }

    /// <summary>An action, or the letter that the character becomes.</summary>
    public byte[] Letters { get; } = new byte[128];

    /// <summary>Where the action is <see cref="Punctuation"/>.</summary>
    public int[] IdOfPunctuation { get; } = new int[128];
}
