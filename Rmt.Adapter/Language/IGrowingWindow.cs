using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>A window of a causal backbone that is read in parts: each part sees those in front of it, and changes nothing at them.</summary>
/// <remarks>B windows side by side, P places of a part, R rows of it that are read. One thread at a time.</remarks>
public interface IGrowingWindow : IDisposable
{
    /// <summary>Places read so far.</summary>
    int Length { get; }

    /// <summary>Reads the next part. [B, P, E] → [B, R, H], the last hidden states.</summary>
    /// <param name="embeddings">As <see cref="IBackbone.Embed"/> gives them, or memory.</param>
    /// <param name="rows">Of this part, those that are returned.</param>
    /// <exception cref="InvalidOperationException">The window would be longer than it was begun for.</exception>
    Tensor Append(Tensor embeddings, Range rows);

    /// <summary>Begins another window in the place of this one.</summary>
    void Clear();
}

/// <summary>The window of a backbone that keeps nothing: with each part all in front of it is read again.</summary>
internal sealed class RereadWindow(IBackbone backbone, int capacity) : IGrowingWindow
{
    private Tensor? read;       // [B, Length, E]

    public int Length => (int)(read?.shape[1] ?? 0);

    public Tensor Append(Tensor embeddings, Range rows)
    {
        using var scope = NewDisposeScope();
        var before = Length;
        var (first, count) = rows.GetOffsetAndLength((int)embeddings.shape[1]);
        if (before + embeddings.shape[1] > capacity)
            throw new InvalidOperationException($"a window of {before} and {embeddings.shape[1]} tokens is longer than the {capacity} it was begun for");
        var whole = read is null ? embeddings.clone() : cat([read, embeddings], dim: 1);        // [B, Length, E]
        read?.Dispose();
        read = whole.DetachFromDisposeScope();
        return backbone.Encode(whole, null, (before + first)..(before + first + count)).MoveToOuterDisposeScope();     // [B, R, H]
    }

    public void Clear()
    {
        read?.Dispose();
        read = null;
    }

    public void Dispose() => Clear();
}
