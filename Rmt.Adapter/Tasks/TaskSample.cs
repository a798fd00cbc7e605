namespace Rmt.Adapter;

/// <summary>A document with a question at its end.</summary>
/// <param name="Tokens">Content tokens: two fewer than fill the segments, since the authors count [CLS] and [SEP] of the whole document; fewer still with
/// <see cref="FactPlacement.Anywhere"/>.</param>
/// <param name="Label">The answer, as a number of the task's labels.</param>
/// <param name="Problem">What was hidden and asked.</param>
/// <param name="FactsAt">Where each fact begins in <paramref name="Tokens"/>, in the order in which they are told.</param>
public sealed record TaskSample(ReadOnlyMemory<int> Tokens, int Label, Problem Problem, IReadOnlyList<int> FactsAt);

/// <summary>Where facts are put.</summary>
public enum FactPlacement
{
    /// <summary>Before all background: memorisation.</summary>
    InFront,

    /// <summary>Over the first tokens of the first segment: how the paper's authors evaluate detection and reasoning.</summary>
    FirstSegment,

    /// <summary>Over the first tokens of segments drawn for each fact: how they train them. Two facts of one segment follow each other.</summary>
    RandomSegments,

    /// <summary>Anywhere before the question, in any order, in documents whose first segment has any length: what a reader does with a text of their own.</summary>
    Anywhere,
}
