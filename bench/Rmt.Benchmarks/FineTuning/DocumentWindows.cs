namespace Rmt.Benchmarks;

/// <summary>What a BERT of 512 tokens is given of a long document: windows of 510 content tokens at most, between [CLS] and [SEP].</summary>
internal static class DocumentWindows
{
    private const int Content = 510, Head = 128;        // of head and tail: Sun et al. 2019, arXiv 1905.05583

    /// <summary>The first tokens.</summary>
    public static IReadOnlyList<int[]> First(ReadOnlyMemory<int> tokens) => [tokens[..Math.Min(Content, tokens.Length)].ToArray()];

    /// <summary>The first 128 and the last 382.</summary>
    public static IReadOnlyList<int[]> HeadAndTail(ReadOnlyMemory<int> tokens) =>
        tokens.Length <= Content ? First(tokens) : [[.. tokens[..Head].Span, .. tokens[^(Content - Head)..].Span]];

    /// <summary>All tokens, window by window.</summary>
    public static IReadOnlyList<int[]> All(ReadOnlyMemory<int> tokens) => tokens.Length == 0 ? [[]] : [.. tokens.ToArray().Chunk(Content)];
}
