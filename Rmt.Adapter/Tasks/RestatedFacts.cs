namespace Rmt.Adapter;

/// <summary>Documents whose later text depends on their beginning: "Mary lives in Paris." and two more such facts stand in front, and are told again and again
/// among other sentences. Who lives where is drawn for each document, so that where a segment tells a fact for the first time, only memory knows its place.</summary>
/// <remarks>Each document has random numbers of its own; a longer one begins as a shorter one does. Safe to use from several threads at once.</remarks>
public sealed class RestatedFacts
{
    private const int PeopleAndPlaces = 16, OtherWords = 12;

    private static readonly string[] Names = EnglishWords.Names[..PeopleAndPlaces], Places = EnglishWords.Cities[..PeopleAndPlaces];

    private readonly Dictionary<string, int[]> words;
    private readonly int[] livesIn, stop;
    private readonly int people, tokensPerSegment;
    private readonly ulong seed;

    /// <param name="tokenizer">Of the sentences.</param>
    /// <param name="tokensPerSegment">Of a full segment.</param>
    /// <param name="split">Which of two sets of documents that share nothing.</param>
    /// <param name="seed">Which documents. A validation set is fixed by it.</param>
    /// <param name="people">Whose place is told, 1 to 16.</param>
    /// <exception cref="ArgumentException">The vocabulary does not tell the words apart, or segments are too short to tell all facts twice.</exception>
    public RestatedFacts(ITokenizer tokenizer, int tokensPerSegment, TaskSplit split, ulong seed, int people = 3)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(people, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(people, PeopleAndPlaces);
        (this.tokensPerSegment, this.people, this.seed) = (tokensPerSegment, people, SplitMix64.Seed(seed, (ulong)split));
        // Words are encoded behind one another, and so with the blank in front of them where the vocabulary has it in a token.
        string[] all = [.. Names, .. Places, "The", "a", .. Adjectives, .. Nouns, .. Verbs];
        words = all.ToDictionary(word => word, word => Behind(tokenizer, word));
        if (words.Values.Select(ids => string.Join(' ', ids)).Distinct().Count() < all.Length)
            throw new ArgumentException("to this vocabulary two words of the documents are the same: make one of their text, or with --words", nameof(tokenizer));
        (livesIn, stop) = ([.. Behind(tokenizer, "lives"), .. Behind(tokenizer, "in")], tokenizer.Encode(".").ToArray());
        var needed = 2 * people * (Names.Max(name => words[name].Length) + livesIn.Length + Places.Max(place => words[place].Length) + stop.Length);
        if (tokensPerSegment < needed)
            throw new ArgumentException($"segments of {tokensPerSegment} tokens are too short: {people} facts, and room to tell them again, need {needed}", nameof(tokensPerSegment));
    }

    /// <summary>Every word that occurs: what a vocabulary needs to hold as tokens.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. Names, .. Places, "lives", "in", "The", "a", ".", .. Adjectives, .. Nouns, .. Verbs];

    /// <summary>A document.</summary>
    /// <param name="index">Which; from 0, without an end.</param>
    /// <param name="segments">N: the document has N × tokens per segment tokens.</param>
    public int[] Document(long index, int segments)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfLessThan(segments, 1);
        var dice = new SplitMix64(SplitMix64.Seed(seed, (ulong)index));
        var facts = Shuffled(dice, Names)[..people].Zip(Shuffled(dice, Places)).Select(pair => (int[])[.. words[pair.First], .. livesIn, .. words[pair.Second], .. stop]).ToArray();
        List<int> tokens = [.. facts.SelectMany(fact => fact)];
        for (var end = tokensPerSegment; end <= segments * tokensPerSegment; end += tokensPerSegment)
        {
            while (tokens.Count < end) tokens.AddRange(dice.Next(4) == 0 ? Other(dice) : dice.Of(facts));
            tokens.RemoveRange(end, tokens.Count - end);        // what a segment has no room for is left out: no sentence reaches into the next
        }
        return [.. tokens];
    }

    private int[] Other(SplitMix64 dice) =>
        [.. words["The"], .. words[dice.Of(Adjectives)], .. words[dice.Of(Nouns)], .. words[dice.Of(Verbs)], .. words["a"], .. words[dice.Of(Nouns)], .. stop];

    private static T[] Shuffled<T>(SplitMix64 dice, IReadOnlyList<T> list)
    {
        T[] order = [.. list];
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = (int)dice.Next(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }

    private static int[] Behind(ITokenizer tokenizer, string word)
    {
        var (before, both) = (tokenizer.Encode("."), tokenizer.Encode($". {word}"));
        return [.. both[before.Count..]];
    }

    private static string[] Adjectives => EnglishWords.Adjectives[..OtherWords];

    private static string[] Nouns => EnglishWords.Nouns[..(2 * OtherWords)];

    private static string[] Verbs => EnglishWords.Verbs[..OtherWords];
}
