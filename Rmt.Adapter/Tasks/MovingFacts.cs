namespace Rmt.Adapter;

/// <summary>The problems of memorisation and detection: who went where (arXiv 2304.11062, section 4; its authors' lists of words).</summary>
public static class MovingFacts
{
    internal static readonly string[] Names = ["Mary", "John", "Daniel", "Sandra"];
    private static readonly string[] Actions = ["moved", "went", "went back", "journeyed", "travelled"];

    /// <summary>The six places, numbered as the authors number them.</summary>
    public static LabelSet Labels { get; } = new(["bathroom", "hallway", "garden", "office", "bedroom", "kitchen"]);

    /// <summary>All 120 problems, of every answer as many.</summary>
    public static IReadOnlyList<Problem> All { get; } =
        [.. from place in Labels.Names from name in Names from action in Actions select new Problem([$"{name} {action} to the {place}."], $"Where is {name}?", place)];

    /// <summary>Problems of which the two splits share no pair of name and place: validation has one name for each place, training the other three.</summary>
    public static IReadOnlyList<Problem> WithheldPairs(TaskSplit split) =>
        [.. All.Where(problem => IsWithheld(problem) == (split == TaskSplit.Validation))];

    private static bool IsWithheld(Problem problem) => problem.Question == $"Where is {Names[Labels.IndexOf(problem.Answer) % Names.Length]}?";
}
