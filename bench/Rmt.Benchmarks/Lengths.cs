namespace Rmt.Benchmarks;

/// <summary>Lengths of documents, in tokens.</summary>
internal static class Lengths
{
    /// <summary>Log-uniform: as many between 10 and 100 as between 10,000 and 100,000.</summary>
    public static int LogUniform(Random dice, int least, int most) => (int)(least * Math.Pow(most / (double)least, dice.NextDouble()));

    /// <summary>Log-normal with the mean (of logarithms) and spread of film reviews: the median is 780 tokens, two segments.</summary>
    public static int Review(Random dice)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - dice.NextDouble())) * Math.Cos(2 * Math.PI * dice.NextDouble());
        return Math.Max(1, (int)Math.Exp(6.66 + 0.44 * normal));
    }
}
