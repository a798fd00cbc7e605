namespace Rmt.Adapter;

/// <summary>A document to learn from.</summary>
/// <param name="Tokens">Content tokens; none is a document too.</param>
/// <param name="Label">What it should be called, from 0 to C − 1; <see cref="NoLabel"/> where a language model is trained, which learns the tokens themselves.</param>
public readonly record struct TrainingDocument(ReadOnlyMemory<int> Tokens, int Label = TrainingDocument.NoLabel)
{
    /// <summary>It is not called anything.</summary>
    public const int NoLabel = -1;
}
