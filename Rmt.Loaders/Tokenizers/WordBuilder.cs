namespace Rmt.Loaders;

/// <summary>Last stage: normalized code points to words, words to ids. Holds one word, and of that no more than counts.</summary>
internal sealed class WordBuilder(WordPieces pieces) : ITokenSink
{
    private readonly char[] word = new char[2 * pieces.LongestWord];
    private readonly uint[] hashes = new uint[2 * pieces.LongestWord];
    private int units;                        // UTF-16 units in the word
    private int letters;                      // code points; one more than the longest word once it is too long
    private uint hash = PieceTable.Start;     // of the word so far

    /// <summary>Where ids go.</summary>
    public List<int> Ids { get; set; } = [];

    /// <summary>Adds a normalized code point: part of a word, a word of its own, or the end of one.</summary>
    public void Add(int codePoint)
    {
        var traits = CodePoints.TraitsAt(codePoint);
        if ((traits & Traits.WhiteSpace) != 0)
        {
            End();
        }
        else if ((traits & Traits.Punctuation) != 0)
        {
            End();
            Letter(codePoint);
            End();
        }
        else
        {
            Letter(codePoint);
        }
    }

    /// <summary>Words, spaces and punctuation of ASCII in one loop, from <paramref name="at"/> to the first character that
    /// <paramref name="letterOf"/> leaves to the other stages; returns its index.</summary>
    public int AddAscii(ReadOnlySpan<char> text, int at, AsciiTable letterOf)
    {
        var table = letterOf.Letters;
        var longest = pieces.LongestWord;
        var buffer = word;
        var (length, running) = (units, hash);
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (c >= table.Length)
                break;
            var letter = table[c];
            if (letter > AsciiTable.LastAction)
            {
                if (letters < longest)
                {
                    buffer[length++] = (char)letter;
                    running = PieceTable.Step(running, (char)letter);
                    letters++;
                }
                else
                {
                    letters = longest + 1;
                }
                continue;
            }
            if (letter == AsciiTable.Leave)
                break;
            if (letter == AsciiTable.Drop)
                continue;
            if (letters > 0)
            {
                (units, hash) = (length, running);
                End();
                (length, running) = (0, PieceTable.Start);
            }
            if (letter == AsciiTable.Punctuation)
                Ids.Add(letterOf.IdOfPunctuation[c]);
        }
        (units, hash) = (length, running);
        return at;
    }

    /// <inheritdoc/>
    public void DropSpaces()
    {
        // White space between words gives no ids anyway.
    }

    /// <inheritdoc/>
    public void Token(int id) => Ids.Add(id);

    /// <summary>Adds the ids of the word, if there is one.</summary>
    public void End()
    {
        if (letters == 0)
            return;
        if (letters > pieces.LongestWord)
            Ids.Add(pieces.Unknown);
        else
            pieces.Append(word.AsSpan(0, units), hash, hashes, Ids);
        (units, letters, hash) = (0, 0, PieceTable.Start);
    }

    private void Letter(int codePoint)
    {
        if (letters >= pieces.LongestWord)
        {
            letters = pieces.LongestWord + 1;
            return;
        }
        letters++;
        for (var end = units + CodePoints.Write(codePoint, word.AsSpan(units)); units < end; units++)
            hash = PieceTable.Step(hash, word[units]);
    }
}
