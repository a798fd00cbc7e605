namespace Rmt.Adapter;

/// <summary>What a sample asks.</summary>
/// <param name="Facts">One sentence or two, in the order in which they are told.</param>
/// <param name="Question">A sentence.</param>
/// <param name="Answer">A word; one of the task's labels.</param>
public sealed record Problem(IReadOnlyList<string> Facts, string Question, string Answer);

/// <summary>What samples are for.</summary>
public enum TaskSplit
{
    /// <summary>To learn from.</summary>
    Train,

    /// <summary>To measure with. Its samples are other ones, whatever the seed.</summary>
    Validation,
}
