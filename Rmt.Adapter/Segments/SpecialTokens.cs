namespace Rmt.Adapter;

/// <summary>Ids of the tokens a window is framed with. A family that lacks one has <see langword="null"/> there.</summary>
/// <param name="Pad">Fills a window behind its last token, and memory slots before memory is put there.</param>
/// <param name="Cls">Stands first; the classifier reads its row.</param>
/// <param name="Sep">Stands behind memory and behind the segment.</param>
public sealed record SpecialTokens(int? Pad, int? Cls, int? Sep)
{
    /// <summary>Whether this id is dropped from a document before it is cut into segments, as the paper's authors do.</summary>
    public bool Contains(int id) => id == Pad || id == Cls || id == Sep;
}
