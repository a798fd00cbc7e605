namespace Rmt.Adapter;

/// <summary>Which tokens stay when a document is longer than a limit.</summary>
public enum TruncationSide
{
    /// <summary>The first ones.</summary>
    Head,

    /// <summary>The first quarter of the limit and the last three quarters: 128 + 382 of 510 (Sun et al. 2019).</summary>
    HeadTail,
}

/// <summary>A limit of tokens that a user asked for. Without one every token is read.</summary>
/// <param name="MaxTokens">Content tokens; 1 or more.</param>
/// <param name="Side">Which stay.</param>
public sealed record Truncation(int MaxTokens, TruncationSide Side = TruncationSide.Head)
{
    /// <summary>Content tokens; 1 or more.</summary>
    public int MaxTokens { get; } = MaxTokens >= 1 ? MaxTokens : throw new ArgumentOutOfRangeException(nameof(MaxTokens), MaxTokens, "a limit of tokens is 1 or more");

    /// <summary>The tokens that stay, in their order.</summary>
    public int[] Apply(int[] tokens)
    {
        if (tokens.Length <= MaxTokens) return tokens;
        var head = Side == TruncationSide.Head ? MaxTokens : (MaxTokens + 2) / 4;
        return [.. tokens[..head], .. tokens[^(MaxTokens - head)..]];
    }
}
