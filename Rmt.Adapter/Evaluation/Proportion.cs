namespace Rmt.Adapter;

/// <summary>How many of how many.</summary>
public readonly record struct Proportion
{
    /// <param name="hits">0 to <paramref name="trials"/>.</param>
    /// <param name="trials">1 or more.</param>
    public Proportion(long hits, long trials)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(hits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hits, trials);
        (Hits, Trials) = (hits, trials);
    }

    /// <summary>How many.</summary>
    public long Hits { get; }

    /// <summary>Of how many.</summary>
    public long Trials { get; }

    /// <summary>0 to 1.</summary>
    public double Value => (double)Hits / Trials;

    /// <summary>Where the proportion of endlessly many trials lies, by Wilson's score interval (1927): sound near 0 and 1 and for few trials too.</summary>
    /// <param name="z">Standard deviations to either side; 1.96 for 95 %.</param>
    public (double Low, double High) Interval(double z = 1.959963984540054)
    {
        double n = Trials, p = Value, square = z * z;
        var centre = (p + square / (2 * n)) / (1 + square / n);
        var half = z / (1 + square / n) * Math.Sqrt(p * (1 - p) / n + square / (4 * n * n));
        return (Hits == 0 ? 0 : centre - half, Hits == Trials ? 1 : centre + half);
    }
}
