using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>What went into a segment and what came out of it. Its tensors are its own and freed with it.</summary>
/// <param name="Segment">Which one, from 0.</param>
/// <param name="Tokens">The document's tokens in it.</param>
/// <param name="InputIds">[L] int64: the window, [PAD] in the memory slots.</param>
/// <param name="MemoryIn">[m, H]</param>
/// <param name="MemoryOut">[m, H]</param>
/// <param name="Logits">What the head says after it: C numbers.</param>
public sealed record SegmentTrace(int Segment, ReadOnlyMemory<int> Tokens, Tensor InputIds, Tensor MemoryIn, Tensor MemoryOut, IReadOnlyList<float> Logits) : IDisposable
{
    /// <summary>Euclidean norm of the memory that the segment leaves, over all its m × H numbers.</summary>
    public double MemoryNorm()
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        var numbers = MemoryOut.to(float64);
        return Math.Sqrt((numbers * numbers).sum().item<double>());
    }

    internal void KeepBeyondScope()
    {
        foreach (var tensor in new[] { InputIds, MemoryIn, MemoryOut }) tensor.DetachFromDisposeScope();
    }

    /// <summary>Frees its tensors.</summary>
    public void Dispose()
    {
        InputIds.Dispose();
        MemoryIn.Dispose();
        MemoryOut.Dispose();
    }
}
