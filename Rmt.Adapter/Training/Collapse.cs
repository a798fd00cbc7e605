namespace Rmt.Adapter;

/// <summary>When a stage has collapsed: long recurrences do, of a sudden or from the start (the paper's authors' runs on real tasks).</summary>
/// <param name="chance">What always answering the most frequent label would reach.</param>
/// <param name="documents">How many documents an evaluation reads.</param>
internal sealed class Collapse(double chance, int documents)
{
    private const double High = 0.5;            // the way from chance to all right

    public static Collapse Of(IReadOnlyList<TrainingDocument> validation) =>
        new(validation.CountBy(document => document.Label).Max(count => count.Value) / (double)validation.Count, validation.Count);

    /// <summary>Whether an accuracy is well above chance.</summary>
    public bool IsHigh(double? accuracy) => chance < 1 && Way(accuracy ?? 0) >= High;

    /// <summary>At chance, within two standard errors, with a third of the updates made; or back to less than half of the way that was once behind it.</summary>
    public bool Has(double accuracy, double best, long update, int updates) =>
        chance < 1 && ((3 * update >= updates && accuracy <= chance + 2 * Math.Sqrt(chance * (1 - chance) / documents))
                       || (IsHigh(best) && Way(accuracy) < Way(best) / 2));

    private double Way(double accuracy) => (accuracy - chance) / (1 - chance);
}
