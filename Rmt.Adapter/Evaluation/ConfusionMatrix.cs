namespace Rmt.Adapter;

/// <summary>What was said of documents of each label, and what follows from it. Belongs to one thread.</summary>
/// <param name="labels">C classes.</param>
public sealed class ConfusionMatrix(LabelSet labels)
{
    private readonly long[,] counts = new long[labels.Count, labels.Count];

    /// <summary>The classes.</summary>
    public LabelSet Labels { get; } = labels;

    /// <summary>Documents so far.</summary>
    public long Count { get; private set; }

    /// <summary>How many of label <paramref name="truth"/> were taken for <paramref name="predicted"/>.</summary>
    public long this[int truth, int predicted] => counts[truth, predicted];

    /// <summary>Counts a document.</summary>
    /// <param name="truth">Its label, 0 to C − 1.</param>
    /// <param name="predicted">What was said of it, 0 to C − 1.</param>
    public void Add(int truth, int predicted)
    {
        counts[truth, predicted]++;
        Count++;
    }

    /// <summary>How many were right.</summary>
    /// <exception cref="InvalidOperationException">No document was counted.</exception>
    public Proportion Accuracy => Count > 0 ? new(Enumerable.Range(0, Labels.Count).Sum(label => counts[label, label]), Count)
        : throw new InvalidOperationException("no document was counted");

    /// <summary>The harmonic mean of a label's precision and recall: <c>2 TP / (2 TP + FP + FN)</c>. 0 for one that never occurs.</summary>
    public double F1(int label)
    {
        var (of, taken) = (Of(label), TakenFor(label));
        return of + taken == 0 ? 0 : 2.0 * counts[label, label] / (of + taken);
    }

    /// <summary>The mean of <see cref="F1"/> over the labels that occur, as a truth or as an answer (as scikit-learn's).</summary>
    /// <exception cref="InvalidOperationException">No document was counted.</exception>
    public double MacroF1 => Count > 0 ? Enumerable.Range(0, Labels.Count).Where(label => Of(label) + TakenFor(label) > 0).Average(F1)
        : throw new InvalidOperationException("no document was counted");

    private long Of(int label) => Enumerable.Range(0, Labels.Count).Sum(other => counts[label, other]);

    private long TakenFor(int label) => Enumerable.Range(0, Labels.Count).Sum(other => counts[other, label]);
}
