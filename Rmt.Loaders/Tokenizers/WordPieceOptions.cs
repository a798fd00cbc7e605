namespace Rmt.Loaders;

/// <summary>How a text becomes words, and words become pieces. Names and defaults are those of Hugging Face's <c>BertNormalizer</c> and
/// <c>WordPiece</c>.</summary>
public sealed record WordPieceOptions
{
    /// <summary>Removes control characters and makes every white space a space. Default true.</summary>
    public bool CleanText { get; init; } = true;

    /// <summary>Makes every Chinese ideograph a word of its own. Default true.</summary>
    public bool SplitIdeographs { get; init; } = true;

    /// <summary>Decomposes (NFD) and removes nonspacing marks. Default <see langword="null"/>: as <see cref="Lowercase"/> says.</summary>
    public bool? StripAccents { get; init; }

    /// <summary>Lower-cases every code point by itself. Default true.</summary>
    public bool Lowercase { get; init; } = true;

    /// <summary>What a piece inside a word begins with in the vocabulary. Default <c>##</c>; may be empty.</summary>
    public string Prefix { get; init; } = "##";

    /// <summary>Code points, counted after normalization; a longer word is one unknown token. 1 to 10,000, default 100.</summary>
    public int LongestWord { get; init; } = 100;

    /// <summary>What a word becomes that the vocabulary cannot spell. Default <c>[UNK]</c>.</summary>
    public string Unknown { get; init; } = "[UNK]";

    /// <summary>Whether accents go, once the default is resolved.</summary>
    internal bool Strips => StripAccents ?? Lowercase;
}
