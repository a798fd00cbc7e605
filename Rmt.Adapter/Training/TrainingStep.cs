namespace Rmt.Adapter;

/// <summary>What one update did.</summary>
/// <param name="Update">Updates made so far, this one included.</param>
/// <param name="Loss">Mean over the update's documents, of a language model over their tokens, before the weights changed.</param>
/// <param name="GradientNorm">Of all gradients together, before clipping.</param>
/// <param name="RateFactor">What the rates were multiplied by.</param>
/// <param name="Segments">Segments of the longest document.</param>
/// <param name="Tokens">Of all its documents.</param>
/// <param name="Evaluation">What the weights are worth now; null where it was not asked.</param>
/// <param name="End">Why training ends here; null where it goes on.</param>
public sealed record TrainingStep(long Update, double Loss, double GradientNorm, double RateFactor, int Segments, long Tokens, Evaluation? Evaluation, TrainingEnd? End);

/// <summary>What a model is worth on documents that it was not trained on.</summary>
/// <param name="Accuracy">Share of documents whose highest logit is that of their label, of a language model of tokens that it held likeliest: from 0 to 1.</param>
/// <param name="Loss">Mean cross-entropy after the last segment, of a language model of all tokens that follow another.</param>
/// <param name="IsBest">Whether it is better than every one before, a classifier by its accuracy, a language model by its loss; the weights are kept then.</param>
public sealed record Evaluation(double Accuracy, double Loss, bool IsBest);

/// <summary>Why a training ends.</summary>
public enum TrainingEnd
{
    /// <summary>All updates are made.</summary>
    Updates,

    /// <summary>The accuracy asked for is reached.</summary>
    Target,

    /// <summary>No evaluation was better for too long.</summary>
    Patience,
}
