namespace Rmt.Loaders;

/// <summary>What the tokenizers ask about a code point.</summary>
[Flags]
internal enum Traits : ushort
{
    None = 0,
    /// <summary>Removed by <c>clean_text</c>.</summary>
    Dropped = 1,
    /// <summary>Made a space by <c>clean_text</c>.</summary>
    Space = 2,
    /// <summary>White_Space of Unicode: where words end, and what <c>lstrip</c> and <c>rstrip</c> take away. Holds more than
    /// <see cref="Space"/>: U+000B, U+000C and U+0085 are dropped when the text is cleaned.</summary>
    WhiteSpace = 4,
    Ideograph = 8,
    Punctuation = 16,
    StrippedMark = 32,
    /// <summary>Has a canonical decomposition.</summary>
    Composed = 64,
    Upper = 128,
    /// <summary>Canonical combining class other than 0.</summary>
    Combining = 256,
    /// <summary><c>\w</c> of the Rust regex crate: what <c>single_word</c> looks for beside a token.</summary>
    Word = 512,
    /// <summary><c>\p{L}</c> of Unicode 16.0.</summary>
    Letter = 1024,
    /// <summary><c>\p{N}</c> of Unicode 16.0.</summary>
    Number = 2048,
}

/// <summary>Lookups over <see cref="UnicodeTables"/>. The machine's own Unicode data (ICU) is not asked: it
/// differs from machine to machine.</summary>
internal static class CodePoints
{
    public const int Replacement = 0xFFFD;
    private const int CapitalDottedI = 0x130;      // the one code point whose lower case is two: i and U+0307
    private const int HangulFirst = 0xAC00, HangulLast = 0xD7A3;

    private static readonly PagedTable<Traits> TraitsOf = FillTraits();
    private static readonly PagedTable<int> LowerOf = FillLower();
    private static readonly PagedTable<byte> ClassOf = FillClasses();
    private static readonly PagedTable<ushort> DecompositionAt = FillDecompositions();   // of the length, in UnicodeTables

    public static Traits TraitsAt(int codePoint) => TraitsOf[codePoint];

    public static bool Is(int codePoint, Traits trait) => (TraitsOf[codePoint] & trait) != 0;

    /// <summary>Canonical combining class, 0 to 254.</summary>
    public static int CombiningClass(int codePoint) => ClassOf[codePoint];

    /// <summary>Lower case of a code point with <see cref="Traits.Upper"/>. <paramref name="second"/> is 0 but for U+0130.</summary>
    public static int Lower(int codePoint, out int second)
    {
        second = codePoint == CapitalDottedI ? 0x307 : 0;
        return LowerOf[codePoint];
    }

    /// <summary>Writes the full canonical decomposition of a code point with <see cref="Traits.Composed"/>; returns its length, 4 at most.</summary>
    public static int Decompose(int codePoint, Span<int> parts)
    {
        if (codePoint is >= HangulFirst and <= HangulLast)
        {
            // Arithmetic of The Unicode Standard, section 3.12: 19 leading × 21 vowel × 28 trailing jamo.
            var index = codePoint - HangulFirst;
            parts[0] = 0x1100 + index / (21 * 28);
            parts[1] = 0x1161 + index % (21 * 28) / 28;
            parts[2] = 0x11A7 + index % 28;
            return index % 28 == 0 ? 2 : 3;
        }
        var at = DecompositionAt[codePoint];
        var length = UnicodeTables.Decompositions[at];
        UnicodeTables.Decompositions.Slice(at + 1, length).CopyTo(parts);
        return length;
    }

    /// <summary>Appends a code point as UTF-16.</summary>
    public static int Write(int codePoint, Span<char> text)
    {
        if (codePoint < 0x10000)
        {
            text[0] = (char)codePoint;
            return 1;
        }
        text[0] = (char)(0xD7C0 + (codePoint >> 10));
        text[1] = (char)(0xDC00 + (codePoint & 0x3FF));
        return 2;
    }

    private static PagedTable<Traits> FillTraits()
    {
        var table = new PagedTable<Traits>();
        Mark(UnicodeTables.Dropped, Traits.Dropped);
        Mark(UnicodeTables.Spaces, Traits.Space);
        Mark([0x9, 0xD, 0x20, 0x20, 0x85, 0x85, 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029, 0x202F, 0x202F,
            0x205F, 0x205F, 0x3000, 0x3000], Traits.WhiteSpace);
        Mark(UnicodeTables.Ideographs, Traits.Ideograph);
        Mark(UnicodeTables.Punctuation, Traits.Punctuation);
        Mark(UnicodeTables.StrippedMarks, Traits.StrippedMark);
        Mark(UnicodeTables.WordCharacters, Traits.Word);
        Mark(UnicodeTables.Letters, Traits.Letter);
        Mark(UnicodeTables.Numbers, Traits.Number);
        Mark([CapitalDottedI, CapitalDottedI], Traits.Upper);
        Mark([HangulFirst, HangulLast], Traits.Composed);
        for (var row = UnicodeTables.CombiningClasses; row.Length > 0; row = row[3..])
            Mark(row[..2], Traits.Combining);
        for (var row = UnicodeTables.LowerCase; row.Length > 0; row = row[4..])
            Mark(row[..2], Traits.Upper, row[2]);
        for (var row = UnicodeTables.Decompositions; row.Length > 0; row = row[(2 + row[1])..])
            Mark([row[0], row[0]], Traits.Composed);
        return table;

        void Mark(ReadOnlySpan<int> ranges, Traits trait, int step = 1)
        {
            for (; ranges.Length > 0; ranges = ranges[2..])
                for (var c = ranges[0]; c <= ranges[1]; c += step)
                    table.Entry(c) |= trait;
        }
    }

    private static PagedTable<int> FillLower()
    {
        var table = new PagedTable<int>();
        table.Entry(CapitalDottedI) = 'i';
        for (var row = UnicodeTables.LowerCase; row.Length > 0; row = row[4..])
            for (var c = row[0]; c <= row[1]; c += row[2])
                table.Entry(c) = c + row[3];
        return table;
    }

    private static PagedTable<byte> FillClasses()
    {
        var table = new PagedTable<byte>();
        for (var row = UnicodeTables.CombiningClasses; row.Length > 0; row = row[3..])
            for (var c = row[0]; c <= row[1]; c++)
                table.Entry(c) = (byte)row[2];
        return table;
    }

    private static PagedTable<ushort> FillDecompositions()
    {
        var table = new PagedTable<ushort>();
        var all = UnicodeTables.Decompositions;
        for (var at = 0; at < all.Length; at += 2 + all[at + 1])
            table.Entry(all[at]) = (ushort)(at + 1);
        return table;
    }
}
