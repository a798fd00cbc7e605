namespace Rmt.Host.Output;

/// <summary>What a text was gone on with.</summary>
/// <param name="Source">Where the text came from.</param>
/// <param name="Text">What follows it.</param>
/// <param name="TokensRead">Tokens of the text itself.</param>
/// <param name="Segments">Of the text and what follows it, the open one included.</param>
/// <param name="NewTokens">Tokens that follow.</param>
/// <param name="Seconds">Of reading and going on.</param>
internal sealed record GenerateRecord(string Source, string Text, long TokensRead, long Segments, int NewTokens, double Seconds) : IRecord;
