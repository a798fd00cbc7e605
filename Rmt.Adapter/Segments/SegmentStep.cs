using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>One segment of every document that has begun: the input of a recurrent step. A active documents of B, window L.</summary>
/// <param name="TokenIds">[A, L] int64; memory slots hold [PAD], which nobody reads. L is the longest window in the step.</param>
/// <param name="Mask">[A, L] bool, false at padding; null when nothing is padded.</param>
/// <param name="Rows">[A] int64, the active documents; null when all are.</param>
public readonly record struct SegmentStep(Tensor TokenIds, Tensor? Mask, Tensor? Rows);

/// <summary>Whole documents side by side. Every last segment stands in the last step; a shorter document begins later.</summary>
/// <param name="Documents">B</param>
/// <param name="Steps">One after another; the tensors of each are made when it is asked for, and made again when it is asked for again.</param>
public sealed record SegmentBatch(int Documents, IReadOnlyList<SegmentStep> Steps)
{
    /// <summary>Tokens that another one follows: all of every document but its last. What a language model's loss is a mean of.</summary>
    public long Followed { get; init; }
}
