namespace Rmt.Adapter;

/// <summary>The table of the paper's authors: a header, then two facts, a question and an answer a line, with commas between.</summary>
/// <remarks>They train and validate on the same 1,000 rows, 933 of which differ; <see cref="RelationFacts"/> keeps the two apart.</remarks>
public static class TwoFactsTable
{
    private const string Header = "fact1,fact2,question,answer";

    /// <summary>Its rows in order.</summary>
    /// <exception cref="InvalidDataException">No such table; the message names the line, counted from 1.</exception>
    public static IReadOnlyList<Problem> Read(TextReader text)
    {
        if (text.ReadLine() is var header && header != Header)
            throw new InvalidDataException($"line 1 is '{header}'; expected is {Header}");
        var problems = new List<Problem>();
        while (text.ReadLine() is { } line)
            if (line.Length > 0)
                problems.Add(Row(line, problems.Count + 2));
        return problems.Count > 0 ? problems : throw new InvalidDataException("the table has no row below its header");
    }

    private static Problem Row(string line, int number)
    {
        if (line.Split(',') is not [var one, var other, var question, var answer])
            throw new InvalidDataException($"line {number} has {line.Split(',').Length} fields; expected are 4: {Header}");
        return RelationFacts.Labels.Names.Contains(answer) ? new([one, other], question, answer)
            : throw new InvalidDataException($"line {number}: the answer '{answer}' is none of {string.Join(", ", RelationFacts.Labels.Names)}");
    }
}
