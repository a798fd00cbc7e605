using System.Text;
using Rmt.Adapter;

namespace Rmt.Loaders.Tests;

public class ByteLevelBpeLawsTests
{
    private static readonly string[] Alphabet = ["a", "a", "b", "r", "e", "l", "s", "'", "'", "1", "²", "é", "e\u0301", "漢", ".", "!", " ", " ", " ", "\n", "\t",
        "\u00A0", "\u3000", "\u200B", "<", ">", "\uD83D", "\uDE00", "\U0001F600", "\U0001D400", "\U0001D7CE", "\uFFFD"];

    private static readonly string[] Merges = ["Ġ a", "a b", "Ġa b", "r e", "' re", "' s", "a a", "aa a", "Ã ©", "e e", "l l", "Ġ Ġ", "ĠĠ Ġ", "Ċ Ċ", "Ġ '"];

    [Fact]
    public void Random_texts_with_random_merges_and_added_tokens_have_the_ids_of_the_rules_however_they_are_cut()
    {
        var random = new Random(7);
        var (compared, found, divided) = (0, 0, 0);
        for (var round = 0; round < 120; round++)
        {
            var (merges, prefix) = (SomeMerges(random), random.Next(3) == 0);
            var added = Enumerable.Range(0, random.Next(12)).Select(_ => Some(random, 3, halves: false)).Where(content => content.Length > 0).Distinct()
                .Where(content => !OwnBytes.Vocabulary(merges).Contains(content)).Select(content => new AddedToken(-1, content)
                {
                    SingleWord = random.Next(3) == 0,
                    LeftStrip = random.Next(3) == 0,
                    RightStrip = random.Next(4) == 0,
                    Normalized = random.Next(2) == 0,
                }).ToArray();
            if (added.Any(token => token.Content.EnumerateRunes().Any(rune => CodePoints.Is(rune.Value, Traits.WhiteSpace))))
                added = [.. added.Where(token => !token.RightStrip).Select(token => token with { LeftStrip = false })];
            var own = OwnBytes.Of(merges, prefix, added);
            ITokenizer tokenizer = own;
            var reference = new ReferenceBytes(merges, prefix, own.AddedTokens);
            for (var i = 0; i < 20; i++)
            {
                var text = Some(random, 40, halves: true);
                var expected = reference.Encode(text);
                Assert.Equal(expected, tokenizer.Encode(text));
                Assert.Equal(expected, tokenizer.Encode(text));      // now from the cache
                Assert.Equal(expected, Cuts.Encode(tokenizer, text, random, longest: 1));
                Assert.Equal(expected, Cuts.Encode(tokenizer, text, random, longest: 5));
                Assert.Equal(expected, Cuts.Stream(tokenizer, text, threads: 1 + random.Next(3), part: 1 + random.Next(12)));
                divided += tokenizer.LastCut(text) > 0 ? 1 : 0;
                compared++;
                found += expected.Any(id => own.AddedTokens.Any(token => token.Id == id)) ? 1 : 0;
            }
        }
        Assert.True(compared > 2_000 && found > 500 && divided > 500, $"{compared} texts compared, {found} with an added token, {divided} with a place to cut: too few to prove anything");
    }

    [Fact]
    public void Any_text_is_given_back_by_its_ids()
    {
        var (random, tokenizer) = (new Random(3), OwnBytes.Of(Merges, false, new AddedToken(-1, "<a>") { Special = true }));
        for (var i = 0; i < 1_000; i++)
        {
            var text = Some(random, 40, halves: true);
            Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)), tokenizer.Decode([.. ((ITokenizer)tokenizer).Encode(text)]));
        }
    }

    [Fact]
    public void Any_ids_decoded_one_by_one_give_the_text_of_all_together()
    {
        var (random, tokenizer) = (new Random(4), OwnBytes.Of(Merges));
        var decoding = tokenizer.BeginDecoding();
        for (var i = 0; i < 1_000; i++)
        {
            int[] ids = [.. Enumerable.Range(0, random.Next(12)).Select(_ => random.Next(tokenizer.VocabularySize))];
            var bytes = ids.SelectMany(id => tokenizer.Token(id).Select(letter => ByteLetters.TryByte(letter, out var value) ? value : throw new InvalidOperationException())).ToArray();
            Assert.Equal(Encoding.UTF8.GetString(bytes), tokenizer.Decode(ids));
            Assert.Equal(Encoding.UTF8.GetString(bytes), string.Concat(ids.Select(decoding.Append).ToArray()) + decoding.Complete());
        }
    }

    [Fact]
    public void Bytes_of_a_character_that_is_not_whole_wait()
    {
        var decoding = OwnBytes.Of([]).BeginDecoding();
        var text = Encoding.UTF8.GetBytes("a😀b").Select(b => Enumerable.Range(0, 256).First(id => ByteLetters.TryByte(OwnBytes.Vocabulary([])[id][0], out var value) && value == b))
            .Select(decoding.Append).ToArray();
        Assert.Equal(["a", "", "", "", "😀", "b"], text);
        Assert.Equal("", decoding.Complete());
    }

    /// <summary>Counted, not timed: n bytes look at no more than 6 n pairs, in whatever order they are joined; with the heap that is O(n log n).</summary>
    [Theory]
    [InlineData("a")]
    [InlineData("ab")]
    [InlineData(null)]
    public void A_pre_token_of_a_megabyte_looks_at_each_of_its_pairs_a_few_times(string? unit)
    {
        const int length = 1 << 20;
        var random = new Random(5);
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
            bytes[i] = (byte)(unit is null ? 'a' + random.Next(3) : unit[i % unit.Length]);
        // Every pair of the letters a to c is merged, and every such piece with itself, so that pieces grow long: a tree of doublings.
        var merges = new MergeTable(1000);
        int[] ids = [.. Enumerable.Range(0, 256)];
        var next = 256;
        for (var left = 'a'; left <= 'c'; left++)
            for (var right = 'a'; right <= 'c'; right++)
                Assert.True(merges.Add(left, right, next++));
        for (var piece = 256; piece < 700; piece++)
            Assert.True(merges.Add(piece, piece, next++));
        var merger = new PairMerger(merges, ids);
        var found = new List<int>();
        merger.Append(bytes, found);
        Assert.InRange(merger.PairsSeen, length, 6L * length);
        Assert.InRange(found.Count, 1, length);
        if (unit == "a")
            _ = Assert.Single(found);      // 2^20 letters, twenty doublings
    }

    [Fact]
    public void A_pre_token_of_a_megabyte_that_comes_in_small_parts_gives_its_text_back()
    {
        var (tokenizer, ids) = (OwnBytes.Of(Merges), new List<int>());
        var (tokenization, part) = (tokenizer.Begin(), string.Concat(Enumerable.Repeat("aab", 300)));
        for (var i = 0; i < 1_200; i++)
            tokenization.Append(part, ids);
        Assert.Empty(ids);      // nothing is certain yet
        tokenization.Complete(ids);
        Assert.Equal(string.Concat(Enumerable.Repeat(part, 1_200)), tokenizer.Decode([.. ids]));
    }

    [Fact]
    public void Work_is_linear_in_the_number_of_pre_tokens()
    {
        var (merger, ids) = (new PairMerger(new MergeTable(0), [.. Enumerable.Range(0, 256)]), new List<int>());
        for (var i = 0; i < 1_000; i++)
            merger.Append("abcd"u8, ids);
        Assert.Equal(3_000, merger.PairsSeen);
        Assert.Equal(4_000, ids.Count);
    }

    [Theory]
    [InlineData("the cat sat on a mat, isn't it? ", 40)]
    [InlineData("漢字 é😀 ", 40)]
    [InlineData("<mas ", 40)]             // may begin <mask>, every time
    [InlineData("\n\n\t x", 40)]
    public void Memory_does_not_grow_with_the_text(string unit, int parts)
    {
        var tokenizer = OwnBytes.Of(Merges, false, new AddedToken(-1, "<mask>") { LeftStrip = true }, new AddedToken(-1, "<a>") { Normalized = true });
        var part = string.Concat(Enumerable.Repeat(unit, 4096 / unit.Length));
        // The runtime allocates on a thread, too, when it compiles what is busy once more: not in three texts after each other.
        Assert.InRange(Enumerable.Range(0, 3).Min(_ => Allocated(tokenizer, part, parts)), 0, 4096);
    }

    // Bytes, of all parts behind the third.
    private static long Allocated(ByteLevelBpeTokenizer tokenizer, string part, int parts)
    {
        var tokenization = tokenizer.Begin();
        var ids = new List<int>(8 * part.Length);
        long before = 0;
        for (var i = 0; i < parts; i++)
        {
            if (i == 3)
                before = GC.GetAllocatedBytesForCurrentThread();
            tokenization.Append(part, ids);
            ids.Clear();
        }
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    [Fact]
    public void The_cache_is_full_some_time_and_then_nothing_is_allocated()
    {
        var tokenizer = OwnBytes.Of(Merges);
        var random = new Random(6);
        var (tokenization, ids, word) = (tokenizer.Begin(), new List<int>(1000), new char[8]);
        long before = 0;
        for (var i = 0; i < 1_200_000; i++)
        {
            if (i == 1_100_000)
                before = GC.GetAllocatedBytesForCurrentThread();
            word[0] = ' ';
            for (var j = 1; j < word.Length; j++)
                word[j] = (char)('a' + random.Next(26));
            tokenization.Append(word, ids);
            ids.Clear();
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
    }

    [Theory]
    [InlineData("a b", "a| b")]
    [InlineData("  a", " | a")]
    [InlineData("\n\na", "\n|\n|a")]
    [InlineData("a \n", "a| \n")]
    [InlineData("it's we'll I'D", "it|'s| we|'ll| I|'|D")]
    [InlineData("'rx 'r", "'|rx| '|r")]
    [InlineData("a''s", "a|''|s")]
    [InlineData("x1²é", "x|1²|é")]
    [InlineData("a\u0085\u00A0b\u200Bc", "a|\u0085|\u00A0|b|\u200B|c")]
    [InlineData("a\u180Eb", "a|\u180E|b")]
    public void Words_are_parted_as_the_pattern_says(string text, string parts)
    {
        // Every pre-token is one piece, if the merges spell it from the left.
        var merges = parts.Split('|').SelectMany(part => Spelled(OwnBytes.Letters(part))).Distinct().ToArray();
        var tokenizer = OwnBytes.Of(merges);
        Assert.Equal(parts, string.Join('|', ((ITokenizer)tokenizer).Encode(text).Select(id => tokenizer.Decode([id]))));

        static IEnumerable<string> Spelled(string word) => Enumerable.Range(1, word.Length - 1).Select(i => $"{word[..i]} {word[i]}");
    }

    [Fact]
    public void A_prefix_space_stands_in_front_of_every_text_between_added_tokens()
    {
        ITokenizer tokenizer = OwnBytes.Of([], prefixSpace: true, new AddedToken(-1, "<x>"));
        Assert.Equal("Ġ a <x> Ġ b Ċ", tokenizer.Tokens("a<x> b\n"));
        Assert.Equal("Ġ a <x> Ġ Ċ b", tokenizer.Tokens("a<x>\nb"));
        Assert.Empty(tokenizer.Encode(""));
    }

    [Fact]
    public void Text_after_the_end_is_refused()
    {
        var tokenization = OwnBytes.Of([]).Begin();
        tokenization.Complete([]);
        _ = Assert.Throws<InvalidOperationException>(() => tokenization.Append("a", []));
    }

    [Fact]
    public void An_id_that_is_not_there_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => OwnBytes.Of([]).Decode([256]));

    private static string[] SomeMerges(Random random)
    {
        var pieces = new List<string>(Enumerable.Range(0, 256).Select(b => $"{ByteLetters.Of((byte)b)}").Where(letter => Alphabet.Any(text => OwnBytes.Letters(text).Contains(letter, StringComparison.Ordinal))));
        var merges = new List<string>();
        for (var i = random.Next(40); i > 0; i--)
        {
            var (left, right) = (pieces[random.Next(pieces.Count)], pieces[random.Next(pieces.Count)]);
            if (merges.Contains($"{left} {right}"))
                continue;
            merges.Add($"{left} {right}");
            pieces.Add(left + right);
        }
        return [.. merges];
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
