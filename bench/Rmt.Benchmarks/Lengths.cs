namespace Rmt.Benchmarks;

/// <summary>Lengths of documents, in tokens.</summary>
internal static class Lengths
{
    /// <summary>Log-uniform: as many between 10 and 100 as between 10,000 and 100,000.</summary>
    public static int LogUniform(Random dice, int least, int most) => (int)(least * Math.Pow(most / (double)least, dice.NextDouble()));
}
