using Rmt.Loaders;
using Rmt.Testing;

namespace Rmt.Adapter.Tests;

/// <summary>What the tasks ask: laws of the problems themselves.</summary>
public class ProblemTests
{
    private static string Wording(Problem problem) => $"{string.Join(' ', problem.Facts)} {problem.Question} {problem.Answer}";

    private static int[] Answers(IEnumerable<Problem> problems) => [.. problems.CountBy(problem => problem.Answer).OrderBy(answer => answer.Key, StringComparer.Ordinal).Select(answer => answer.Value)];

    [Fact]
    public void Some_tellings_are_of_training_each_with_its_eight_questions_and_more_hold_fewer()
    {
        var (few, more) = (RelationFacts.Some(5, seed: 3), RelationFacts.Some(40, seed: 3));
        Assert.All(few.GroupBy(problem => string.Join(' ', problem.Facts)), telling => Assert.Equal(8, telling.Select(problem => problem.Question).Distinct().Count()));
        Assert.Equal((40, 320), (few.Count, more.Count));
        Assert.Equal(few.Select(Wording), more.Take(40).Select(Wording));
        Assert.Empty(more.Select(Wording).Except(RelationFacts.Of(TaskSplit.Train).Select(Wording)));
        Assert.NotEqual(few.Select(Wording), RelationFacts.Some(5, seed: 4).Select(Wording));
        Assert.Equal(RelationFacts.Of(TaskSplit.Train).Select(Wording).Order(), RelationFacts.Some(1_536, seed: 3).Select(Wording).Order());
        Assert.Throws<ArgumentOutOfRangeException>(() => RelationFacts.Some(0, seed: 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => RelationFacts.Some(1_537, seed: 3));
    }

    [Fact]
    public void Validation_of_relations_shares_no_row_with_training_and_no_line_in_other_words()
    {
        var (train, validation) = (RelationFacts.Of(TaskSplit.Train), RelationFacts.Of(TaskSplit.Validation));
        Assert.Equal((12_288, 3_072), (train.Count, validation.Count));
        Assert.Equal(15_360, train.Concat(validation).Select(Wording).Distinct().Count());
        Assert.Empty(train.Select(Line).Intersect(validation.Select(Line)));
    }

    // Else training has a rule that needs no direction, and validation only problems where it is wrong.
    [Theory]
    [InlineData(TaskSplit.Train)]
    [InlineData(TaskSplit.Validation)]
    public void Places_alone_never_tell_which_way_a_line_runs(TaskSplit split)
    {
        var lines = RelationFacts.Of(split).CountBy(Line).ToDictionary();
        Assert.All(lines, line => Assert.Equal(line.Value, lines.GetValueOrDefault(Turned(line.Key))));
        static string Turned(string line) => line.Split(' ') is [var upper, var middle, var lower, var axis] ? $"{lower} {middle} {upper} {axis}" : throw new InvalidOperationException(line);
    }

    [Fact]
    public void Every_answer_is_as_frequent_as_every_other()
    {
        Assert.Equal(Enumerable.Repeat(2_048, 6), Answers(RelationFacts.Of(TaskSplit.Train)));
        Assert.Equal(Enumerable.Repeat(512, 6), Answers(RelationFacts.Of(TaskSplit.Validation)));
        Assert.Equal(Enumerable.Repeat(20, 6), Answers(MovingFacts.All));
        Assert.Equal(Enumerable.Repeat(15, 6), Answers(MovingFacts.WithheldPairs(TaskSplit.Train)));
        Assert.Equal(Enumerable.Repeat(5, 6), Answers(MovingFacts.WithheldPairs(TaskSplit.Validation)));
    }

    [Fact]
    public void Of_withheld_pairs_the_splits_share_no_name_and_place_but_all_names_and_places()
    {
        var (train, validation) = (MovingFacts.WithheldPairs(TaskSplit.Train), MovingFacts.WithheldPairs(TaskSplit.Validation));
        Assert.Empty(train.Select(problem => (problem.Question, problem.Answer)).Intersect(validation.Select(problem => (problem.Question, problem.Answer))));
        Assert.Equal(4, validation.Select(problem => problem.Question).Distinct().Count());
        Assert.Equal(120, train.Concat(validation).Select(Wording).Distinct().Count());
    }

    [Fact]
    public void Each_question_about_relations_is_answered_by_one_fact_and_no_other()
    {
        foreach (var problem in RelationFacts.Of(TaskSplit.Train).Concat(RelationFacts.Of(TaskSplit.Validation)))
            Assert.Equal([problem.Answer], problem.Facts.SelectMany(fact => Answer(fact, problem.Question)));
    }

    [Fact]
    public void Every_row_of_the_authors_is_among_those_that_are_generated()
    {
        using var text = File.OpenText(Shared.Path("data", "tasks", "two_facts_reasoning.csv"));
        var rows = TwoFactsTable.Read(text);
        Assert.Equal((1_000, 933), (rows.Count, rows.Select(Wording).Distinct().Count()));
        Assert.Equal(RelationFacts.Labels.Names, rows.Select(row => row.Answer).Distinct());
        Assert.Empty(rows.Select(Wording).Except(RelationFacts.Of(TaskSplit.Train).Concat(RelationFacts.Of(TaskSplit.Validation)).Select(Wording)));
    }

    [Fact]
    public void In_BERTs_vocabulary_questions_have_as_many_tokens_as_the_authors_count_and_nothing_is_unknown()
    {
        ITokenizer bert = WordPieceTokenizer.Load(Shared.Path("data", "vocab", "bert-base-cased"));
        Assert.All(MovingFacts.All, problem => Assert.Equal(4, bert.Encode(problem.Question).Count));
        Assert.All(RelationFacts.Of(TaskSplit.Validation), problem => Assert.Equal(7, bert.Encode(problem.Question).Count));
        Assert.All(MovingFacts.Labels.Names, place => Assert.Single(bert.Encode(place)));
        var background = new int[20_000];
        TextBackground.Generated(bert).Fill(1, background);
        Assert.DoesNotContain("[UNK]", background.Select(bert.Token));
    }

    [Theory]
    [InlineData("", "line 1 is ''")]
    [InlineData("a,b\n", "line 1 is 'a,b'")]
    [InlineData("fact1,fact2,question,answer\n", "no row")]
    [InlineData("fact1,fact2,question,answer\nA.,B.,C?,office\nA.,B.,C?\n", "line 3 has 3 fields")]
    [InlineData("fact1,fact2,question,answer\nA.,B.,C?,cellar\n", "line 2: the answer 'cellar'")]
    public void A_table_that_is_none_is_refused_by_its_line(string text, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => TwoFactsTable.Read(new StringReader(text))).Message, StringComparison.Ordinal);

    // The three places in their order along north or east, from what the facts say.
    private static string Line(Problem problem)
    {
        var pairs = problem.Facts.Select(Parse).Select(fact => fact.Direction is "north" or "east" ? (Upper: fact.A, Lower: fact.B) : (Upper: fact.B, Lower: fact.A)).ToList();
        var middle = pairs.Select(pair => pair.Upper).Intersect(pairs.Select(pair => pair.Lower)).Single();
        return $"{pairs.Single(pair => pair.Lower == middle).Upper} {middle} {pairs.Single(pair => pair.Upper == middle).Lower} {Parse(problem.Facts[0]).Direction is "north" or "south"}";
    }

    private static IEnumerable<string> Answer(string fact, string question)
    {
        var (a, direction, b) = Parse(fact);
        var inverse = direction switch { "north" => "south", "south" => "north", "east" => "west", _ => "east" };
        foreach (var (x, d, y) in new[] { (a, direction, b), (b, inverse, a) })
        {
            if (question == $"What is {d} of the {y}?")
                yield return x;
            if (question == $"What is the {x} {d} of?")
                yield return y;
        }
    }

    private static (string A, string Direction, string B) Parse(string fact)
    {
        var words = fact.TrimEnd('.').Split(' ');
        return (words[1], words[3], words[6]);
    }
}
