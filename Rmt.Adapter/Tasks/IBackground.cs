namespace Rmt.Adapter;

/// <summary>The text that facts are hidden in (the paper's noise), as token ids.</summary>
/// <remarks>Safe to use from several threads at once.</remarks>
public interface IBackground
{
    /// <summary>Fills <paramref name="tokens"/> with content tokens, no special ones. The same seed gives the same tokens, a longer span more of them.</summary>
    void Fill(ulong seed, Span<int> tokens);
}
