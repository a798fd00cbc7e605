namespace Rmt.Loaders;

/// <summary>A token that is cut out of the text as a whole, inside words too, before words are looked at. Names and meanings are those of
/// tokenizer.json's <c>added_tokens</c>.</summary>
/// <param name="Id">Its id, in the vocabulary or behind it.</param>
/// <param name="Content">What stands in the text, letter for letter; not empty.</param>
public sealed record AddedToken(int Id, string Content)
{
    /// <summary>Found only where no letter, digit, mark or underscore stands next to it.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Takes the white space before it away.</summary>
    public bool LeftStrip { get; init; }

    /// <summary>Takes the white space behind it away.</summary>
    public bool RightStrip { get; init; }

    /// <summary>Its content is normalized (lower-cased, …) and looked for in the normalized text; otherwise in the text as written.</summary>
    public bool Normalized { get; init; }

    /// <summary>Whether the file calls it special ([CLS], [MASK], …). Does not change what is found.</summary>
    public bool Special { get; init; }
}
