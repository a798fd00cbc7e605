namespace Rmt.Adapter;

/// <summary>What the head says after a segment; after the last one, what it says of the document.</summary>
public sealed record Prediction
{
    /// <param name="labels">The classes.</param>
    /// <param name="logits">One a class.</param>
    public Prediction(LabelSet labels, IReadOnlyList<float> logits)
    {
        var largest = logits.Max();
        var weights = logits.Select(logit => Math.Exp(logit - largest)).ToArray();
        var total = weights.Sum();
        Logits = logits;
        Scores = labels.Names.Select((name, i) => new KeyValuePair<string, double>(name, weights[i] / total)).ToArray();
        (Label, Score) = Scores.MaxBy(score => score.Value);
    }

    /// <summary>The class with the largest score; of equal ones the first.</summary>
    public string Label { get; }

    /// <summary>Its score.</summary>
    public double Score { get; }

    /// <summary>Softmax of the logits, in the order of the classes; they sum to 1.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Scores { get; }

    /// <summary>The head's outputs, in the order of the classes.</summary>
    public IReadOnlyList<float> Logits { get; }
}
