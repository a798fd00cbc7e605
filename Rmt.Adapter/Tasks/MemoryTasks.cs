namespace Rmt.Adapter;

/// <summary>The three tasks of the paper (arXiv 2304.11062, section 4).</summary>
/// <param name="tokenizer">Of facts and questions; the background's too.</param>
/// <param name="background">What facts are hidden in.</param>
/// <param name="tokensPerSegment">Of a full segment: 499.</param>
public sealed class MemoryTasks(ITokenizer tokenizer, IBackground background, int tokensPerSegment)
{
    /// <summary>Fact memorisation: the fact stands in front.</summary>
    /// <param name="split">Which of two sets of samples that share nothing.</param>
    /// <param name="seed">Which samples.</param>
    /// <param name="withholdPairs">Whether validation asks of names and places that training never put together.</param>
    public MemoryTask Memorize(TaskSplit split, ulong seed, bool withholdPairs = false) =>
        Create(MovingFacts.Labels, Moving(split, withholdPairs), FactPlacement.InFront, split, seed);

    /// <summary>Fact detection: the fact stands at the beginning of a segment.</summary>
    /// <param name="placement">Which segment.</param>
    /// <param name="split">Which of two sets of samples that share nothing.</param>
    /// <param name="seed">Which samples.</param>
    /// <param name="withholdPairs">Whether validation asks of names and places that training never put together.</param>
    public MemoryTask Detect(FactPlacement placement, TaskSplit split, ulong seed, bool withholdPairs = false) =>
        Create(MovingFacts.Labels, Moving(split, withholdPairs), placement, split, seed);

    /// <summary>Reasoning with two facts, on problems of <see cref="RelationFacts"/>.</summary>
    /// <param name="placement">Which segments.</param>
    /// <param name="split">Which of two sets of samples, whose problems differ too.</param>
    /// <param name="seed">Which samples.</param>
    public MemoryTask Reason(FactPlacement placement, TaskSplit split, ulong seed) =>
        Reason(RelationFacts.Of(split), placement, split, seed);

    /// <summary>Reasoning with two facts, on problems of one's own, such as the authors' (<see cref="TwoFactsTable"/>).</summary>
    /// <param name="problems">One of which a sample asks.</param>
    /// <param name="placement">Which segments.</param>
    /// <param name="split">Which of two sets of samples; their problems are the same.</param>
    /// <param name="seed">Which samples.</param>
    public MemoryTask Reason(IReadOnlyList<Problem> problems, FactPlacement placement, TaskSplit split, ulong seed) =>
        Create(RelationFacts.Labels, problems, placement, split, seed);

    private static IReadOnlyList<Problem> Moving(TaskSplit split, bool withholdPairs) => withholdPairs ? MovingFacts.WithheldPairs(split) : MovingFacts.All;

    private MemoryTask Create(LabelSet labels, IReadOnlyList<Problem> problems, FactPlacement placement, TaskSplit split, ulong seed) =>
        new(tokenizer, background, labels, problems, tokensPerSegment, placement, split, seed);
}
