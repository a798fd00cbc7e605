using Rmt.Testing;

namespace Rmt.Adapter.Tests.Tasks;

/// <summary>What later text says again stands in front.</summary>
public sealed class RestatedFactsTests
{
    private const int Size = 64;

    private static readonly WordTokens Tokenizer = new();

    private static RestatedFacts Facts(TaskSplit split = TaskSplit.Train, ulong seed = 3, int people = 3) => new(Tokenizer, Size, split, seed, people);

    [Fact]
    public void What_any_segment_tells_stands_in_front_of_the_document()
    {
        var facts = Facts();
        foreach (var index in Enumerable.Range(0, 50))
        {
            var segments = facts.Document(index, 4).Chunk(Size).Select(Told).ToList();
            Assert.Equal(4, segments.Count);
            Assert.Equal(3, segments[0].Take(3).Distinct().Count());
            Assert.All(segments, told => Assert.Subset(segments[0].Take(3).ToHashSet(), told.ToHashSet()));
            Assert.All(segments, told => Assert.InRange(told.Count, 4, 13));
        }
    }

    [Fact]
    public void Who_lives_where_differs_from_document_to_document()
    {
        var facts = Facts();
        var all = Enumerable.Range(0, 500).SelectMany(index => Told(facts.Document(index, 1)).Distinct()).ToList();
        var places = all.Where(fact => fact.StartsWith("Peter ", StringComparison.Ordinal)).Select(fact => fact.Split(' ')[^1]).ToList();
        Assert.Equal(16, places.Distinct().Count());
        Assert.InRange(places.Count, 60, 130);     // 500 × 3 of 16
    }

    [Fact]
    public void A_document_is_the_same_again_a_longer_one_begins_as_it_does_and_the_two_sets_share_none()
    {
        var (training, validation) = (Facts(), Facts(TaskSplit.Validation));
        Assert.Equal(training.Document(7, 2), Facts().Document(7, 5)[..(2 * Size)]);
        Assert.NotEqual(training.Document(7, 2), Facts(seed: 4).Document(7, 2));
        Assert.Empty(Enumerable.Range(0, 200).Select(index => string.Join(' ', training.Document(index, 1))).Intersect(Enumerable.Range(0, 200).Select(index => string.Join(' ', validation.Document(index, 1)))));
    }

    [Fact]
    public void Segments_that_are_too_short_and_vocabularies_that_are_too_small_are_refused()
    {
        Assert.Contains("too short", Assert.Throws<ArgumentException>(() => Facts(people: 7)).Message, StringComparison.Ordinal);
        Assert.Contains("the same", Assert.Throws<ArgumentException>(() => new RestatedFacts(new WordTokens(known: 20), Size, TaskSplit.Train, 1)).Message, StringComparison.Ordinal);
    }

    // "Peter Paris" of every whole "Peter lives in Paris"
    private static List<string> Told(int[] segment)
    {
        var words = segment.Select(Tokenizer.Token).ToArray();
        return [.. Enumerable.Range(1, words.Length - 3).Where(at => words[at] == "lives").Select(at => $"{words[at - 1]} {words[at + 2]}")];
    }

    // A token a word of the documents.
    private sealed class WordTokens(int known = int.MaxValue) : ITokenizer
    {
        private static readonly List<string> Vocabulary = ["?", .. RestatedFacts.Words.Distinct()];

        public SpecialTokens Special => Tiny.Special;

        public int VocabularySize => Vocabulary.Count;

        public string Token(int id) => Vocabulary[id];

        public ITokenization Begin() => throw new NotSupportedException();

        public List<int> Encode(ReadOnlySpan<char> text) =>
            [.. text.ToString().Split(' ').Select(word => Vocabulary.IndexOf(word) is var id && id >= 0 && id < known ? id : 0)];
    }
}
