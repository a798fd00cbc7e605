namespace Rmt.Adapter;

/// <summary>The problems of reasoning with two facts: three places in a line, told pair by pair (as bAbI's task 4, which the paper takes).</summary>
/// <remarks>A line is two steps around the six places, begun at any of them, along one of two axes. The splits take different steps, so they share no line
/// and hence no problem in whatever wording; and since every line is begun at every place, no answer is more frequent than another. A line and the same line
/// turned round are in one split: else their places alone would tell in training which way a line runs, and be wrong in validation.</remarks>
public static class RelationFacts
{
    private const int EveryForValidation = 5, QuestionsOfATelling = 8;

    private static readonly (string Up, string Down)[] Axes = [("north", "south"), ("east", "west")];

    internal static IEnumerable<string> Directions => Axes.SelectMany(axis => new[] { axis.Up, axis.Down });

    /// <summary>The six places, numbered as they first appear in the authors' file.</summary>
    public static LabelSet Labels { get; } = new(["bedroom", "bathroom", "garden", "kitchen", "office", "hallway"]);

    /// <summary>12,288 problems for training, 3,072 others for validation.</summary>
    public static IReadOnlyList<Problem> Of(TaskSplit split)
    {
        var places = Labels.Names;
        var lines = (from axis in Axes from steps in BothWays(places.Count) select (axis, steps))
            .Where((_, i) => (i % EveryForValidation == EveryForValidation - 1) == (split == TaskSplit.Validation));
        return [.. from line in lines from steps in line.steps from first in Enumerable.Range(0, places.Count)
                   from problem in OfLine(line.axis, places[first], places[(first + steps.Second) % places.Count], places[(first + steps.Third) % places.Count])
                   select problem];
    }

    /// <summary>Some of training's: two facts in one wording and order (a telling), with all of its questions. More tellings hold those of fewer.</summary>
    /// <param name="tellings">How many, 1 to 1,536.</param>
    /// <param name="seed">Which ones.</param>
    /// <remarks>What may lie in memory is one guess for both facts until their direction is kept there, and that is learnt from a few that can be told apart by heart.</remarks>
    public static IReadOnlyList<Problem> Some(int tellings, ulong seed)
    {
        var all = Of(TaskSplit.Train).Chunk(QuestionsOfATelling).ToArray();
        ArgumentOutOfRangeException.ThrowIfLessThan(tellings, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tellings, all.Length);
        return [.. Enumerable.Range(0, all.Length).OrderBy(i => SplitMix64.Seed(seed, (ulong)i)).Take(tellings).SelectMany(i => all[i])];
    }

    /// <summary>Two steps from the first of a line's places, to its second and its third, and the two of the line turned round.</summary>
    private static IEnumerable<(int Second, int Third)[]> BothWays(int places) =>
        from second in Enumerable.Range(1, places - 1)
        from third in Enumerable.Range(1, places - 1)
        where third != second
        let turned = (Second: (second - third + places) % places, Third: places - third)
        where (second, third).CompareTo(turned) < 0
        select new[] { (second, third), turned };

    /// <summary>The 64 ways to tell a line and to ask for one of its pairs.</summary>
    private static IEnumerable<Problem> OfLine((string Up, string Down) axis, string first, string second, string third) =>
        from one in Told(axis, first, second)
        from other in Told(axis, second, third)
        from facts in new[] { new[] { one, other }, [other, one] }
        from question in Asked(axis, first, second).Concat(Asked(axis, second, third))
        select new Problem(facts, question.Text, question.Answer);

    private static string[] Told((string Up, string Down) axis, string upper, string lower) => [$"The {upper} is {axis.Up} of the {lower}.", $"The {lower} is {axis.Down} of the {upper}."];

    private static (string Text, string Answer)[] Asked((string Up, string Down) axis, string upper, string lower) =>
    [
        ($"What is {axis.Up} of the {lower}?", upper), ($"What is the {lower} {axis.Down} of?", upper),
        ($"What is {axis.Down} of the {upper}?", lower), ($"What is the {upper} {axis.Up} of?", lower),
    ];
}
