using Rmt.Adapter;
using Rmt.Testing;

namespace Rmt.Loaders.Tests;

public class WordPieceTrainerTests
{
    private static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    private static WordPieceTrainer Trainer(string text, bool lowercase = true)
    {
        var trainer = new WordPieceTrainer(new() { Lowercase = lowercase });
        trainer.Add(new StringReader(text));
        return trainer;
    }

    private static string Times(string word, int count) => string.Join(' ', Enumerable.Repeat(word, count)) + ' ';

    private static WordPieceTokenizer Load(IReadOnlyList<string> tokens, WordPieceOptions? options = null)
    {
        using var folder = new TempFolder();
        var file = System.IO.Path.Combine(folder.Path, "vocab.txt");
        File.WriteAllLines(file, tokens);
        return WordPieceTokenizer.LoadVocabulary(file, options);
    }

    /// <remarks>
    /// Worked by hand, with the words of huggingface.co/learn/llm-course/chapter6/5. Pairs at first: ##u ##g 20, p ##u 17, ##u ##n 16, h ##u 15, ##g ##s 5, b ##u 4.
    /// Once ##ug is made: ##u ##n 16, h ##ug 15, p ##u 12 …; once ##un is: h ##ug 15, p ##un 12, p ##ug 5, ##ug ##s 5, b ##un 4; and so on. hug ##s and p ##ug
    /// are both 5: the one of the smaller ids comes first.
    /// </remarks>
    [Fact]
    public void The_most_frequent_pair_is_merged_first_and_of_equal_ones_that_of_the_smaller_ids()
    {
        var trainer = Trainer(Times("hug", 10) + Times("pug", 5) + Times("pun", 12) + Times("bun", 4) + Times("hugs", 5));
        string[] expected = [.. Special, "b", "g", "h", "n", "p", "s", "u", "##g", "##n", "##s", "##u", "##ug", "##un", "hug", "pun", "pug", "hugs", "bun"];
        Assert.Equal((36, 5), (trainer.Words, trainer.DistinctWords));
        Assert.Equal(expected, trainer.Train(1_000));
        for (var size = 16; size <= expected.Length; size++) Assert.Equal(expected[..size], trainer.Train(size));
    }

    [Fact]
    public void Merges_are_those_of_counting_all_pairs_anew_each_time()
    {
        var dice = new Random(3);
        for (var round = 0; round < 50; round++)
        {
            var letters = 1 + dice.Next(4);     // few letters: pairs overlap, and pieces come about in more ways than one
            var text = string.Join(' ', Enumerable.Range(0, 30).Select(_ => string.Concat(Enumerable.Range(0, 1 + dice.Next(9)).Select(_ => (char)('a' + dice.Next(letters))))));
            Assert.Equal(Recounted(text, 60), Trainer(text).Train(60));
        }
    }

    private static List<string> Recounted(string text, int size)
    {
        var words = text.Split(' ').Select(word => word.Select((letter, i) => i == 0 ? $"{letter}" : $"##{letter}").ToList()).ToList();
        List<string> tokens = [.. Special, .. text.Replace(" ", "", StringComparison.Ordinal).Distinct().Order().Select(letter => $"{letter}"),
            .. words.SelectMany(word => word.Skip(1)).Distinct().Order(StringComparer.Ordinal)];
        while (tokens.Count < size)
        {
            var pairs = words.SelectMany(word => word.Zip(word.Skip(1))).CountBy(pair => pair).ToList();
            if (pairs.Count == 0) break;
            var (left, right) = pairs.OrderByDescending(pair => pair.Value).ThenBy(pair => tokens.IndexOf(pair.Key.First)).ThenBy(pair => tokens.IndexOf(pair.Key.Second)).First().Key;
            var joined = left + right[2..];
            if (!tokens.Contains(joined)) tokens.Add(joined);
            foreach (var word in words)
                for (var i = 0; i + 1 < word.Count; i++)
                    if (word[i] == left && word[i + 1] == right)
                    {
                        word[i] = joined;
                        word.RemoveAt(i + 1);
                    }
        }
        return tokens;
    }

    [Fact]
    public void A_text_is_spelled_without_an_unknown_token_and_its_pieces_are_the_text()
    {
        var text = "Zoë's café — “naïve”, 北京 and 𝒳! Ünïcödé, don't; 3.14 % ﬁne \ud83d\ude00";
        foreach (var lowercase in new[] { true, false })
        {
            ITokenizer tokenizer = Load(Trainer(text, lowercase).Train(200), new() { Lowercase = lowercase });
            var tokens = tokenizer.Encode(text).Select(tokenizer.Token).ToList();
            Assert.DoesNotContain("[UNK]", tokens);
            if (!lowercase) Assert.Equal(text.Replace(" ", "", StringComparison.Ordinal), string.Concat(tokens.Select(token => token.StartsWith("##", StringComparison.Ordinal) ? token[2..] : token)));
        }
    }

    [Fact]
    public void Generated_text_is_spelled_whole_by_its_vocabulary_and_words_asked_for_are_one_token()
    {
        using var generated = new GeneratedText(1);
        var characters = new char[300_000];
        _ = generated.Read(characters, 0, characters.Length);
        var text = new string(characters);
        string[] whole = ["Mary", "hallway", "kitchen"];
        var tokens = Trainer(text).Train(2_000, whole);
        Assert.Equal(tokens, Trainer(text).Train(2_000, whole));
        Assert.Equal((2_000, 2_000), (tokens.Count, tokens.Distinct().Count()));
        ITokenizer tokenizer = Load(tokens);
        Assert.DoesNotContain("[UNK]", tokenizer.Encode(text).Select(tokenizer.Token));
        Assert.All(whole, word => Assert.Equal(word.ToLowerInvariant(), tokenizer.Token(Assert.Single(tokenizer.Encode(word)))));
    }

    [Fact]
    public void An_alphabet_spells_what_the_text_did_not_hold_and_marks_are_never_inside_words()
    {
        var tokens = Trainer("a b").Train(100, alphabet: "Zz9!");
        Assert.Equal([.. Special, "!", "9", "a", "b", "z", "##9", "##z"], tokens);
        ITokenizer tokenizer = Load(tokens);
        Assert.Equal(["a", "##z", "##9", "!", "z"], tokenizer.Encode("az9!Z").Select(tokenizer.Token));
    }

    [Fact]
    public void Parts_of_a_text_may_be_cut_anywhere()
    {
        var text = string.Concat(Enumerable.Repeat("word \ud83d\ude00x ", 10_000));
        using var dripping = new Dripping(text);
        var trainer = new WordPieceTrainer(new());
        trainer.Add(dripping);
        Assert.Equal(Trainer(text).Train(100), trainer.Train(100));
        Assert.Equal((20_000, 2), (trainer.Words, trainer.DistinctWords));
    }

    [Fact]
    public void What_has_no_room_or_is_no_word_is_refused()
    {
        Assert.Contains("are 8", Assert.Throws<ArgumentException>(() => Trainer("ab").Train(7)).Message, StringComparison.Ordinal);
        Assert.Contains("'two words'", Assert.Throws<ArgumentException>(() => Trainer("ab").Train(100, ["two words"])).Message, StringComparison.Ordinal);
    }

    // A character a read.
    private sealed class Dripping(string text) : TextReader
    {
        private int at;

        public override int Read(Span<char> buffer)
        {
            if (at == text.Length) return 0;
            buffer[0] = text[at++];
            return 1;
        }
    }
}
