using System.Text;
using Rmt.Adapter;

namespace Rmt.Loaders.Tests;

public class WordPieceLawsTests
{
    // Few code points, so that random texts and random tokens meet: letters, case, accents (composed and not), marks that are kept and must be
    // put in order, ideographs, every kind of space and of dropped code point, punctuation, halves of surrogate pairs and a whole one.
    private static readonly string[] Alphabet = ["a", "a", "b", "B", "a", "é", "e", "\u0301", "\u034F", "\u302E",
        "\U0001D165", "中", " ", " ", "\n", "\t", "\u000B", "\u0085", "\u200B", "[", "]", ".", "\uD83D", "\uDE00", "\U0001F600", "\uFFFD", "İ", "\u3000"];

    [Fact]
    public void Random_texts_with_random_added_tokens_have_the_ids_of_the_rules_applied_to_the_whole_text_however_they_are_cut()
    {
        var random = new Random(7);
        var (compared, found, divided) = (0, 0, 0);
        for (var round = 0; round < 250; round++)
        {
            var options = new WordPieceOptions
            {
                CleanText = random.Next(3) > 0,
                SplitIdeographs = random.Next(3) > 0,
                Lowercase = random.Next(2) > 0,
                StripAccents = random.Next(3) switch { 0 => null, 1 => true, _ => false },
                LongestWord = random.Next(1, 8),
                Prefix = random.Next(4) == 0 ? "" : "##",
            };
            string[] vocabulary = [.. OwnTokenizer.Specials, .. Enumerable.Range(0, 25)
                .Select(i => (i % 2 == 0 ? options.Prefix : "") + Some(random, 3, halves: false))
                .Where(token => token.Length > 0).Except(OwnTokenizer.Specials).Distinct()];
            var added = Enumerable.Range(0, random.Next(5)).Select(_ => Some(random, 4, halves: false))
                .Where(content => content.Length > 0).Distinct().Select(content => new AddedToken(-1, content)
                {
                    SingleWord = random.Next(3) == 0,
                    LeftStrip = random.Next(3) == 0,
                    RightStrip = random.Next(3) == 0,
                    Normalized = random.Next(2) == 0,
                }).ToArray();
            WordPieceTokenizer own;
            try
            {
                own = OwnTokenizer.Of(vocabulary, options, added);
            }
            catch (LoadException)
            {
                continue;   // two tokens became one, or one became nothing, when normalized
            }
            ITokenizer tokenizer = own;
            var reference = new ReferenceWordPiece(vocabulary, options, own.AddedTokens);
            for (var i = 0; i < 20; i++)
            {
                var text = Some(random, 30, halves: true);
                var expected = reference.Encode(text);
                Assert.Equal(expected, tokenizer.Encode(text));
                Assert.Equal(expected, Cuts.Encode(tokenizer, text, random, longest: 1));
                Assert.Equal(expected, Cuts.Encode(tokenizer, text, random, longest: 5));
                Assert.Equal(expected, Cuts.Stream(tokenizer, text, threads: 1 + random.Next(3), part: 1 + random.Next(12)));
                divided += tokenizer.LastCut(text) > 0 ? 1 : 0;
                compared++;
                found += expected.Any(id => own.AddedTokens.Any(token => token.Id == id)) ? 1 : 0;
            }
        }
        Assert.True(divided > 2_000, $"{divided} texts had a place where they may be cut: too few to prove anything");
        Assert.True(compared > 3_500 && found > 1_000, $"{compared} texts compared, {found} with an added token: too few to prove anything");
    }

    [Fact]
    public void A_word_of_the_longest_length_is_spelled_and_one_letter_more_is_unknown()
    {
        var tokenizer = OwnTokenizer.Of("a ##a");
        Assert.Equal([4, .. Enumerable.Repeat(5, 99)], tokenizer.Encode(new string('a', 100)));
        Assert.Equal([1], tokenizer.Encode(new string('a', 101)));
    }

    [Fact]
    public void The_longest_length_counts_code_points_after_normalization()
    {
        var tokenizer = OwnTokenizer.Of("e ##e 😀 ##😀", new WordPieceOptions { LongestWord = 3 });
        Assert.Equal("😀 ##😀 ##😀", tokenizer.Tokens("😀😀😀"));
        Assert.Equal("[UNK]", tokenizer.Tokens("😀😀😀😀"));
        Assert.Equal("e ##e ##e", tokenizer.Tokens("ééé"));                  // two code points each as NFD, one once stripped
        Assert.Equal("e ##e ##e", tokenizer.Tokens("e\u0301\u200Be\u0301e"));
    }

    [Theory]
    [InlineData("a")]             // one word
    [InlineData("é")]
    [InlineData(" ")]             // spaces that [X] behind them would take away
    [InlineData("[")]             // may begin [X], every time
    [InlineData("\u302E")]        // marks that would have to be put in order
    [InlineData("\uD83D")]        // halves
    [InlineData("中")]
    public void Memory_does_not_grow_with_the_text_or_its_words(string unit)
    {
        var tokenizer = OwnTokenizer.Of("a [ 中", null, new AddedToken(-1, "[X]") { LeftStrip = true },
            new AddedToken(-1, " q") { Normalized = true });
        var part = string.Concat(Enumerable.Repeat(unit, 4096));
        var tokenization = tokenizer.Begin();
        var ids = new List<int>(2 * part.Length);
        long? before = null;
        for (var i = 0; i < 200; i++)
        {
            if (i == 3)
                before = GC.GetAllocatedBytesForCurrentThread();
            tokenization.Append(part, ids);
            ids.Clear();
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before!.Value, 0, 4096);
    }

    [Fact]
    public void A_word_of_a_hundred_megabytes_is_one_unknown_token()
    {
        var tokenizer = OwnTokenizer.Of("a ##a");
        var tokenization = tokenizer.Begin();
        var ids = new List<int>();
        var part = new string('a', 1 << 20);
        for (var i = 0; i < 100; i++)
            tokenization.Append(part, ids);
        Assert.Empty(ids);
        tokenization.Append(" a", ids);
        tokenization.Complete(ids);
        Assert.Equal([1, 4], ids);
    }

    [Fact]
    public void A_special_token_is_found_inside_a_word_that_is_too_long()
    {
        var tokenizer = OwnTokenizer.Of("a ##a", null, new AddedToken(-1, "[SEP]"));
        Assert.Equal("[UNK] [SEP] a", tokenizer.Tokens(new string('a', 5000) + "[SEP]a"));
    }

    [Fact]
    public void Ids_come_as_soon_as_they_are_certain()
    {
        var tokenization = OwnTokenizer.Of("a b").Begin();
        var ids = new List<int>();
        tokenization.Append("a b", ids);
        Assert.Equal([4], ids);
        tokenization.Append(" ", ids);
        Assert.Equal([4, 5], ids);
    }

    [Fact]
    public void Text_after_the_end_is_refused()
    {
        var tokenization = OwnTokenizer.Of("a").Begin();
        tokenization.Complete([]);
        _ = Assert.Throws<InvalidOperationException>(() => tokenization.Append("a", []));
        _ = Assert.Throws<InvalidOperationException>(() => tokenization.Complete([]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   \t\n")]
    [InlineData("\u200B")]
    public void Blank_texts_have_no_ids(string text) => Assert.Empty(OwnTokenizer.Of("a").Encode(text));

    [Fact]
    public void Several_threads_may_share_a_tokenizer()
    {
        var tokenizer = OwnTokenizer.Of("a ##a b", null, new AddedToken(-1, "[SEP]"));
        var text = string.Concat(Enumerable.Repeat("aab aa[SEP]b é ", 500));
        var expected = tokenizer.Encode(text);
        var all = new List<int>[4];
        _ = Parallel.For(0, all.Length, i => all[i] = tokenizer.Encode(text));
        Assert.All(all, ids => Assert.Equal(expected, ids));
    }

    private static string Some(Random random, int most, bool halves)
    {
        var text = new StringBuilder();
        for (var length = random.Next(1, most + 1); length > 0; length--)
            if (Alphabet[random.Next(Alphabet.Length)] is var letter && (halves || !char.IsSurrogate(letter[0]) || letter.Length == 2))
                _ = text.Append(letter);
        return text.ToString();
    }
}
