namespace Rmt.Adapter;

/// <summary>A document and what it should be called.</summary>
/// <param name="Tokens">Content tokens; none is a document too.</param>
/// <param name="Label">From 0 to C − 1.</param>
public readonly record struct LabelledDocument(ReadOnlyMemory<int> Tokens, int Label);
