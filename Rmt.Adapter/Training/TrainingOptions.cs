using System.Text.Json.Serialization;

namespace Rmt.Adapter;

/// <summary>How a model is trained. The defaults are the paper's authors' first stage, but for the decay, which leaves biases and norms alone.</summary>
public sealed record TrainingOptions
{
    /// <summary>Order of documents and dropout are functions of it and of the number of the update. Any number.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Changes of the weights, 1 or more.</summary>
    public int Updates { get; init; } = 3000;

    /// <summary>The share of the updates in which the rates rise in a line to their full height; after them they fall in a line to 0. From 0 to 1.</summary>
    public double Warmup { get; init; } = 0.1;

    /// <summary>Documents an update, 1 or more.</summary>
    public int Documents { get; init; } = 32;

    /// <summary>Documents whose gradients are computed in one go, 1 or more; an update adds up as many such parts as it needs.</summary>
    public int DocumentsPerPart { get; init; } = 8;

    /// <summary>Learning rate of the backbone, 0 or more.</summary>
    public double BackboneRate { get; init; } = 1e-5;

    /// <summary>Learning rate of the initial memory, 0 or more.</summary>
    public double MemoryRate { get; init; } = 1e-5;

    /// <summary>Learning rate of the head, 0 or more.</summary>
    public double HeadRate { get; init; } = 1e-5;

    /// <summary>What AdamW takes from a weight at every update, in learning rates, 0 or more; nothing from biases and norms.</summary>
    public double WeightDecay { get; init; } = 1e-3;

    /// <summary>AdamW: how much of the mean gradient stays from update to update; 0 or more, below 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW: how much of the mean square stays from update to update; 0 or more, below 1.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>AdamW: what is added to the root of the mean square; above 0.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Whether only memory and head are trained. The backbone's dropout stays on.</summary>
    public bool FreezeBackbone { get; init; }

    /// <summary>Every element of a gradient is brought into ± this, above 0; null: it is not. Not together with <see cref="ClipNorm"/>.</summary>
    public double? ClipValue { get; init; } = 5;

    /// <summary>The norm of all gradients together is brought down to this, above 0; null: it is not.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Whether the logits after every segment count, or those after the last alone.</summary>
    public bool EverySegment { get; init; }

    /// <summary>Whether products are computed in bfloat16, on CUDA devices only. Weights, memory between segments, norms and losses stay in float32.</summary>
    public bool Bfloat16 { get; init; }

    /// <summary>Whether the inside of the backbone's layers is not kept but run again for their gradients, which are the same but for rounding: memory for time. How a training
    /// is computed, as its device, so it is not part of what is saved.</summary>
    [JsonIgnore]
    public bool Recompute { get; init; }

    /// <summary>Updates from one evaluation to the next, 1 or more; 0: never. The last update is followed by one too.</summary>
    public int EvaluateEvery { get; init; } = 300;

    /// <summary>Documents an evaluation reads side by side, 1 or more.</summary>
    public int EvaluationDocuments { get; init; } = 32;

    /// <summary>Evaluations in a row without a better accuracy after which training stops, 1 or more.</summary>
    public int Patience { get; init; } = 15;

    /// <summary>The accuracy at which training stops, above 0, at most 1; null: none is enough.</summary>
    public double? TargetAccuracy { get; init; }

    /// <summary>What the rates are multiplied by in an update.</summary>
    /// <param name="update">From 0.</param>
    /// <returns>Above 0, at most 1.</returns>
    public double RateFactor(long update)
    {
        var rising = Math.Round(Warmup * Updates);
        return update < rising ? (update + 1) / rising : (Updates - update) / (Updates - rising);
    }

    /// <exception cref="ArgumentException">An option is out of its range; the message names it, the range and the value.</exception>
    internal void Check()
    {
        Require(Updates >= 1, nameof(Updates), Updates, "1 or more");
        Require(Warmup is >= 0 and <= 1, nameof(Warmup), Warmup, "from 0 to 1");
        Require(Documents >= 1, nameof(Documents), Documents, "1 or more");
        Require(DocumentsPerPart >= 1, nameof(DocumentsPerPart), DocumentsPerPart, "1 or more");
        foreach (var (name, rate) in new[] { (nameof(BackboneRate), BackboneRate), (nameof(MemoryRate), MemoryRate), (nameof(HeadRate), HeadRate), (nameof(WeightDecay), WeightDecay) })
            Require(double.IsFinite(rate) && rate >= 0, name, rate, "0 or more");
        Require(Beta1 is >= 0 and < 1, nameof(Beta1), Beta1, "0 or more and below 1");
        Require(Beta2 is >= 0 and < 1, nameof(Beta2), Beta2, "0 or more and below 1");
        Require(double.IsFinite(Epsilon) && Epsilon > 0, nameof(Epsilon), Epsilon, "above 0");
        Require(ClipValue is null || (double.IsFinite(ClipValue.Value) && ClipValue > 0), nameof(ClipValue), ClipValue, "above 0, or absent");
        Require(ClipNorm is null || (double.IsFinite(ClipNorm.Value) && ClipNorm > 0), nameof(ClipNorm), ClipNorm, "above 0, or absent");
        Require(ClipValue is null || ClipNorm is null, nameof(ClipNorm), ClipNorm, $"absent where {nameof(ClipValue)} is given ({ClipValue}): gradients are clipped by value or by norm");
        Require(EvaluateEvery >= 0, nameof(EvaluateEvery), EvaluateEvery, "0 or more");
        Require(EvaluationDocuments >= 1, nameof(EvaluationDocuments), EvaluationDocuments, "1 or more");
        Require(Patience >= 1, nameof(Patience), Patience, "1 or more");
        Require(TargetAccuracy is null or (> 0 and <= 1), nameof(TargetAccuracy), TargetAccuracy, "above 0 and at most 1, or absent");
        Require(TargetAccuracy is null || EvaluateEvery > 0, nameof(EvaluateEvery), EvaluateEvery, $"1 or more where {nameof(TargetAccuracy)} is given: nothing else measures accuracy");
    }

    private static void Require(bool holds, string option, object? value, string expected)
    {
        if (!holds) throw new ArgumentException(FormattableString.Invariant($"{option} is {value}, expected {expected}"));
    }
}
