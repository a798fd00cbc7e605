using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>Documents whose gradients are computed in one go. Several parts may make one update: their gradients add up.</summary>
/// <param name="Batch">All segments of B documents.</param>
/// <param name="Labels">[B] int64, on the model's device.</param>
public sealed record UpdatePart(SegmentBatch Batch, Tensor Labels)
{
    /// <summary>Whether each step's logits count (the authors' sum_loss, which is a mean over the steps), or those after the last alone.</summary>
    public bool EverySegment { get; init; }

    /// <summary>What the loss is multiplied by before gradients are taken; the share of these documents in the update.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The dropout of every segment.</summary>
    public SegmentSeeds Seeds { get; init; }

    /// <summary>The narrow type of products (<see cref="Rmt.Torch.Autocast"/>); null: that of the parameters. Memory between segments keeps the parameters' type.</summary>
    public ScalarType? Autocast { get; init; }

    /// <summary>What a step's mean cross-entropy counts in the loss.</summary>
    internal double Share(int step) => EverySegment ? 1.0 / Batch.Steps.Count : step == Batch.Steps.Count - 1 ? 1 : 0;
}
