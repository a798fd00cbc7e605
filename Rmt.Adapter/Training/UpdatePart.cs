using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>Documents whose gradients are computed in one go. Several parts may make one update: their gradients add up.</summary>
/// <param name="Batch">All segments of B documents.</param>
/// <param name="Labels">[B] int64, on the model's device; null for a language model, which has none and lets every token count.</param>
public sealed record UpdatePart(SegmentBatch Batch, Tensor? Labels = null)
{
    /// <summary>Whether each step's logits count (the authors' sum_loss, which is a mean over the steps), or those after the last alone.</summary>
    public bool EverySegment { get; init; }

    /// <summary>Of a part of an update: how many documents of the whole update have begun at each step, from the last step back. Where every step's logits
    /// count, what each counts follows from it. null: these documents are the whole update.</summary>
    public IReadOnlyList<int>? Begun { get; init; }

    /// <summary>What the loss is multiplied by before gradients are taken; the share of these documents, or of their tokens, in the update.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The dropout of every segment.</summary>
    public SegmentSeeds Seeds { get; init; }

    /// <summary>The narrow type of products (<see cref="Rmt.Torch.Autocast"/>); null: that of the parameters. Memory between segments keeps the parameters' type.</summary>
    public ScalarType? Autocast { get; init; }

    /// <summary>What a step's mean cross-entropy counts in the loss.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="documents">Of this part that have begun.</param>
    internal double Share(int step, long documents)
    {
        var behind = Batch.Steps.Count - 1 - step;
        if (!EverySegment) return behind == 0 ? 1 : 0;
        // The whole update's loss is a mean over its steps of a mean over its documents: this part has some of both, and Weight of the sum.
        return Begun is null ? 1.0 / Batch.Steps.Count : (double)documents / Begun[behind] / Begun.Count / Weight;
    }
}
