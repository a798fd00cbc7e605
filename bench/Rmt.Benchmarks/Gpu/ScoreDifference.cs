namespace Rmt.Benchmarks.Gpu;

/// <summary>How far scores are from those of the same documents in float32.</summary>
/// <param name="Largest">Of any score of any document.</param>
/// <param name="Mean">Of the largest of each document.</param>
/// <param name="Flips">The documents with another label: how far apart float32's two highest scores are there.</param>
internal sealed record ScoreDifference(double Largest, double Mean, IReadOnlyList<double> Flips)
{
    /// <summary>Most that the two scores of float32 may be apart where a label changes.</summary>
    public const double Close = 0.1;

    /// <summary>Compares document by document.</summary>
    /// <param name="exact">The scores of float32: of every document one a label.</param>
    /// <param name="found">Those of another precision.</param>
    /// <exception cref="InvalidOperationException">A score is no number.</exception>
    public static ScoreDifference Of(IReadOnlyList<IReadOnlyList<double>> exact, IReadOnlyList<IReadOnlyList<double>> found)
    {
        var (each, flips) = (new List<double>(), new List<double>());
        foreach (var (expected, scores) in exact.Zip(found))
        {
            if (scores.Concat(expected).Any(score => !double.IsFinite(score))) throw new InvalidOperationException($"document {each.Count + 1} has a score that is no number");
            each.Add(expected.Zip(scores, (a, b) => Math.Abs(a - b)).Max());
            if (Highest(expected) == Highest(scores)) continue;
            var sorted = expected.OrderDescending().ToArray();
            flips.Add(sorted[0] - sorted[1]);
        }
        return new(each.Max(), each.Average(), flips);
    }

    /// <summary>Whether this is no farther from float32 than another way to compute in the same type, and changes no label that was clear.</summary>
    public bool IsNoWorseThan(ScoreDifference plain) => Largest <= plain.Largest && Mean <= plain.Mean && Flips.Count <= plain.Flips.Count && Flips.All(distance => distance <= Close);

    private static int Highest(IReadOnlyList<double> scores) => scores.Index().MaxBy(score => score.Item).Index;
}
