namespace Rmt.Benchmarks;

/// <summary>Whether a number grew over a long work.</summary>
/// <param name="Early">Median of the fifth after the first, in which everything warms up.</param>
/// <param name="Late">Median of the last fifth.</param>
internal readonly record struct Growth(double Early, double Late)
{
    private const double WarmUp = 0.2;

    /// <summary>Of samples taken at even distances.</summary>
    /// <exception cref="InvalidOperationException">There are fewer than five.</exception>
    public static Growth Of<T>(IReadOnlyList<T> samples, Func<T, double> of)
    {
        if (samples.Count < 5) throw new InvalidOperationException($"{samples.Count} samples do not tell what grows: five or more are needed, so read more");
        var warm = samples.Skip((int)(samples.Count * WarmUp)).ToList();
        var fifth = warm.Count / 4;
        return new(warm.Take(fifth).Select(of).Median(), warm.Skip(warm.Count - fifth).Select(of).Median());
    }

    /// <summary>The share of what was there early that came later.</summary>
    public double Share => Early == Late ? 0 : Late / Early - 1;

    /// <summary>How much more there is.</summary>
    public double More => Late - Early;
}
