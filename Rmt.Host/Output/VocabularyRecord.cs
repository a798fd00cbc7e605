namespace Rmt.Host.Output;

/// <summary>What a vocabulary was made from, and how large it is.</summary>
internal sealed record VocabularyRecord(string Path, int Tokens, long Words, int DistinctWords, double Seconds) : IRecord;
