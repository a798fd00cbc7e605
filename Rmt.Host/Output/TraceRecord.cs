namespace Rmt.Host.Output;

/// <summary>How a segment was read.</summary>
/// <param name="Segment">From 0.</param>
/// <param name="Tokens">The document's tokens in it.</param>
/// <param name="Label">What the head says after it; after the last one it is the document's.</param>
/// <param name="Scores">By label; they sum to 1.</param>
/// <param name="MemoryNorm">Euclidean norm of the memory that it leaves, over all its numbers.</param>
/// <param name="Seconds">That reading it took, with what is kept of it.</param>
internal sealed record TraceRecord(int Segment, int Tokens, string Label, IReadOnlyDictionary<string, double> Scores, double MemoryNorm, double Seconds) : IRecord;
