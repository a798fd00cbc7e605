namespace Rmt.Adapter.Tests;

/// <summary>How a sample is built, after the authors' code.</summary>
public class MemoryTaskTests
{
    private readonly TextTokenizer tokenizer = new();

    private MemoryTasks Tasks(IBackground? background = null, int tokensPerSegment = 499) => new(tokenizer, background ?? TextBackground.Generated(tokenizer, mentions: 0), tokensPerSegment);

    private IEnumerable<(FactPlacement Placement, MemoryTask Task)> Every(IBackground? background = null, TaskSplit split = TaskSplit.Train, ulong seed = 5)
    {
        yield return (FactPlacement.InFront, Tasks(background).Memorize(split, seed));
        foreach (var placement in new[] { FactPlacement.FirstSegment, FactPlacement.RandomSegments, FactPlacement.Anywhere })
        {
            yield return (placement, Tasks(background).Detect(placement, split, seed));
            yield return (placement, Tasks(background).Reason(placement, split, seed));
        }
    }

    [Fact]
    public void A_document_has_as_many_segments_as_asked_for_the_first_two_tokens_short()
    {
        var segmenter = new Segmenter(new SegmentLayout(512, 10, new(0, 101, 102)));
        foreach (var (placement, task) in Every())
        {
            for (var segments = 1; segments <= 9; segments++)
            {
                var cut = segmenter.Split(task.Sample(segments, segments).Tokens.Length);
                Assert.Equal([placement == FactPlacement.Anywhere ? cut[0].End.Value : 497, .. Enumerable.Repeat(499, segments - 1)], Enumerable.Range(0, cut.Count).Select(i => cut[i].End.Value - cut[i].Start.Value));
            }
        }
    }

    [Fact]
    public void Facts_stand_where_they_are_said_to_the_question_at_the_end_and_background_everywhere_else()
    {
        foreach (var (placement, task) in Every())
        {
            for (var index = 0; index < 60; index++)
            {
                var segments = 1 + index % 5;
                var sample = task.Sample(index, segments);
                var rest = sample.Tokens.ToArray();
                void Cut(int at, string sentence)
                {
                    var expected = ((ITokenizer)tokenizer).Encode(sentence);
                    Assert.Equal(expected, rest[at..(at + expected.Count)]);
                    Array.Clear(rest, at, expected.Count);
                }
                foreach (var (at, fact) in sample.FactsAt.Zip(sample.Problem.Facts))
                    Cut(at, fact);
                Cut(rest.Length - ((ITokenizer)tokenizer).Encode(sample.Problem.Question).Count, sample.Problem.Question);
                Assert.Equal(task.Labels.Names[sample.Label], sample.Problem.Answer);
                Assert.DoesNotContain(tokenizer.Text([.. rest.Where(id => id != 0)]).Split(' '), OfTheTasks.Contains);

                if (placement == FactPlacement.Anywhere)
                    continue;

                // Offset 0 in the first segment, 2 in others, whose cut lies two tokens further left; a second fact of the same segment right behind the first.
                var first = sample.FactsAt[0];
                var behind = first + ((ITokenizer)tokenizer).Encode(sample.Problem.Facts[0]).Count;
                Assert.All(sample.FactsAt, at => Assert.True(at % 499 == 0 || at == behind));
                Assert.True(placement == FactPlacement.RandomSegments || first == 0 && sample.FactsAt.All(at => at < 499));
                Assert.InRange(sample.FactsAt.Max(), 0, segments * 499 - 1);
            }
        }
    }

    private static readonly HashSet<string> OfTheTasks =
        [.. MovingFacts.All.Select(problem => problem.Facts[0].Split(' ')[0]), .. MovingFacts.Labels.Names, "north", "south", "east", "west"];

    [Fact]
    public void Random_segments_are_all_visited_and_facts_come_in_either_order()
    {
        var task = Tasks().Reason(FactPlacement.RandomSegments, TaskSplit.Train, 1);
        var places = Enumerable.Range(0, 200).Select(i => task.Sample(i, 4).FactsAt).ToList();
        Assert.Equal([0, 1, 2, 3], places.Select(at => at[0] / 499).Distinct().Order());
        Assert.Equal([0, 1, 2, 3], places.Select(at => at[1] / 499).Distinct().Order());
        Assert.Contains(places, at => at[1] < at[0]);
        Assert.Contains(places, at => at[1] / 499 == at[0] / 499);
    }

    [Fact]
    public void Anywhere_is_every_token_before_the_question_in_texts_of_every_length()
    {
        const int Segment = 40;
        var samples = Enumerable.Range(0, 4_000).Select(i => Tasks(tokensPerSegment: Segment).Detect(FactPlacement.Anywhere, TaskSplit.Train, 1).Sample(i, 2)).ToList();
        var lengths = samples.Select(sample => sample.Tokens.Length).Distinct().Order().ToArray();
        Assert.Equal(Enumerable.Range(lengths[0], 2 * Segment - 2 - lengths[0] + 1), lengths);
        Assert.InRange(lengths[0], Segment + 1, Segment + 14);     // the first segment has room for fact and question

        // Nothing but the end of the text, where the question is, bounds where a fact is: shares of a long text's places.
        var longest = samples.Where(sample => sample.Tokens.Length >= 2 * Segment - 4).ToList();
        Assert.Contains(longest, sample => sample.FactsAt[0] == 0);
        Assert.Contains(longest, sample => sample.FactsAt[0] > Segment && sample.FactsAt[0] % Segment is > 5 and < 20);
        Assert.Contains(samples, sample => Behind(sample) == sample.Tokens.Length - ((ITokenizer)tokenizer).Encode(sample.Problem.Question).Count);

        int Behind(TaskSample sample) => sample.FactsAt[0] + ((ITokenizer)tokenizer).Encode(sample.Problem.Facts[0]).Count;
    }

    [Fact]
    public void Two_facts_anywhere_come_in_either_order_and_never_overlap_even_where_nothing_else_has_room()
    {
        var task = Tasks(tokensPerSegment: 27).Reason(FactPlacement.Anywhere, TaskSplit.Train, 1);
        var samples = Enumerable.Range(0, 300).Select(i => task.Sample(i, 1)).ToList();
        Assert.All(samples, sample => Assert.True(Math.Abs(sample.FactsAt[0] - sample.FactsAt[1])
            >= ((ITokenizer)tokenizer).Encode(sample.Problem.Facts[sample.FactsAt[0] < sample.FactsAt[1] ? 0 : 1]).Count));
        Assert.Contains(samples, sample => sample.FactsAt[0] < sample.FactsAt[1]);
        Assert.Contains(samples, sample => sample.FactsAt[0] > sample.FactsAt[1]);
    }

    [Fact]
    public void A_sample_is_the_same_in_any_order_on_any_thread()
    {
        foreach (var (_, task) in Every())
        {
            var alone = Enumerable.Range(0, 12).Select(i => task.Sample(i, 3).Tokens.ToArray()).ToList();
            var together = new int[12][];
            _ = Parallel.For(0, 12, i => together[11 - i] = task.Sample(11 - i, 3).Tokens.ToArray());
            Assert.Equal(alone, together);
        }
    }

    [Fact]
    public void Another_seed_another_split_and_another_index_are_other_samples()
    {
        int[] Sample(ulong seed, TaskSplit split, int index) => Tasks().Memorize(split, seed).Sample(index, 1).Tokens.ToArray();
        int[][] samples = [Sample(1, TaskSplit.Train, 0), Sample(2, TaskSplit.Train, 0), Sample(1, TaskSplit.Validation, 0), Sample(1, TaskSplit.Train, 1), Sample(2, TaskSplit.Train, 1)];
        Assert.Equal(samples.Length, samples.Select(sample => string.Join(' ', sample)).Distinct().Count());
        Assert.Equal(Sample(1, TaskSplit.Train, 0), Sample(1, TaskSplit.Train, 0));
    }

    [Fact]
    public void Background_tells_nothing_of_the_answer_since_it_is_drawn_apart_from_it()
    {
        var (mary, john) = (Fixed("Mary went to the garden.", "garden"), Fixed("Mary went to the office.", "office"));
        var (one, other) = (mary.Sample(3, 2), john.Sample(3, 2));
        Assert.NotEqual(one.Label, other.Label);
        Assert.Equal(one.Tokens[7..].ToArray(), other.Tokens[7..].ToArray());

        MemoryTask Fixed(string fact, string answer) =>
            new(tokenizer, TextBackground.Generated(tokenizer), MovingFacts.Labels, [new Problem([fact], "Where is Mary?", answer)], 499, FactPlacement.InFront, TaskSplit.Train, 1);
    }

    [Fact]
    public void Answers_are_drawn_alike()
    {
        foreach (var (_, task) in Every(new OneToken(), TaskSplit.Validation))
        {
            var counts = Enumerable.Range(0, 6_000).CountBy(i => task.Sample(i, 1).Label).ToDictionary();
            Assert.Equal(6, counts.Count);
            Assert.All(counts.Values, count => Assert.InRange(count, 870, 1_130));     // 1,000 ± 4.5 standard deviations
        }
    }

    [Fact]
    public void A_task_that_cannot_be_is_refused()
    {
        Assert.Contains("need 25", Assert.Throws<ArgumentException>(() => Tasks(tokensPerSegment: 24).Reason(FactPlacement.FirstSegment, TaskSplit.Train, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("no label 'cellar'", Assert.Throws<ArgumentException>(() => Tasks().Reason([new(["A."], "B?", "cellar")], FactPlacement.FirstSegment, TaskSplit.Train, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("the same", Assert.Throws<ArgumentException>(() => new MemoryTasks(new Unknowing(), new OneToken(), 499).Memorize(TaskSplit.Train, 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tasks().Memorize(TaskSplit.Train, 1).Sample(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tasks().Memorize(TaskSplit.Train, 1).Sample(-1, 1));
    }

    private sealed class OneToken : IBackground
    {
        public void Fill(ulong seed, Span<int> tokens) => tokens.Fill(9);
    }

    /// <summary>A vocabulary without a single word of the tasks.</summary>
    private sealed class Unknowing : ITokenizer, ITokenization
    {
        public SpecialTokens Special { get; } = new(0, 1, 2);
        public int VocabularySize => 4;
        public string Token(int id) => "[UNK]";
        public ITokenization Begin() => this;
        public void Append(ReadOnlySpan<char> text, List<int> ids) => ids.Add(3);
        public void Complete(List<int> ids)
        {
        }
    }
}
