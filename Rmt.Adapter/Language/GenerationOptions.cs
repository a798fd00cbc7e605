namespace Rmt.Adapter;

/// <summary>How a text is gone on with.</summary>
public sealed record GenerationOptions
{
    /// <summary>Most new tokens, 0 or more.</summary>
    public int MaxTokens { get; init; } = 128;

    /// <summary>Logits are divided by it before one token is drawn, 0 or more; 0: the likeliest token is taken, and nothing is drawn.</summary>
    public double Temperature { get; init; }

    /// <summary>Only so many of the likeliest tokens are drawn from, 1 or more; null: all.</summary>
    public int? TopK { get; init; }

    /// <summary>Only the likeliest tokens that together have this share are drawn from, above 0 and to 1; 1: all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Of what is drawn. The draw for a token is a function of it and of how many tokens stand in front.</summary>
    public ulong Seed { get; init; }

    /// <summary>Tokens that end the text; they are not part of it.</summary>
    public IReadOnlyCollection<int> StopTokens { get; init; } = [];

    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(MaxTokens);
        if (!double.IsFinite(Temperature) || Temperature < 0) throw new ArgumentOutOfRangeException(nameof(Temperature), Temperature, "must be 0 or more");
        if (TopK < 1) throw new ArgumentOutOfRangeException(nameof(TopK), TopK, "must be 1 or more");
        if (TopP is not (> 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(TopP), TopP, "must be above 0, and 1 at most");
    }
}
