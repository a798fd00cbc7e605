using System.Text;
using Rmt.Adapter;

namespace Rmt.Loaders.Tests;

public class NormalizationTests
{
    private static readonly WordPieceOptions Cased = new() { Lowercase = false };

    [Theory]
    [InlineData("AbÉ", "abe")]
    [InlineData("ΟΔΟΣ", "οδοσ")]             // σ at the end of a word too
    [InlineData("İ", "i")]
    [InlineData("ẞß", "ßß")]
    [InlineData("ﬁ", "ﬁ")]                   // compatibility forms stay
    public void Lower_case_goes_code_point_by_code_point(string text, string word) =>
        Assert.Equal(word, OwnTokenizer.Of(word).Tokens(text));

    [Fact]
    public void The_options_about_accents_and_case_are_independent()
    {
        Assert.Equal("É", OwnTokenizer.Of("É", Cased).Tokens("É"));
        Assert.Equal("E", OwnTokenizer.Of("E", Cased with { StripAccents = true }).Tokens("É"));
        Assert.Equal("é", OwnTokenizer.Of("é e", new WordPieceOptions { StripAccents = false }).Tokens("É"));
        Assert.Equal("i\u0307", OwnTokenizer.Of("i\u0307", new WordPieceOptions { StripAccents = false }).Tokens("İ"));
        Assert.Equal("e", OwnTokenizer.Of("é e").Tokens("É"));
    }

    [Fact]
    public void Hangul_is_left_in_jamo() =>
        Assert.Equal("\u1112\u1161\u11AB \u1100\u1161", OwnTokenizer.Of("\u1112\u1161\u11AB \u1100\u1161").Tokens("한 가"));

    [Fact]
    public void Cleaning_drops_control_characters_and_closes_the_word_up()
    {
        Assert.Equal("ab", OwnTokenizer.Of("ab").Tokens("a\0\u200B\u0085\uE000\uFFFD\u00ADb"));
        Assert.Equal("a b", OwnTokenizer.Of("a b ab").Tokens("a\u3000b"));
        Assert.Equal("a\u200Bb", OwnTokenizer.Of("a\u200Bb", new WordPieceOptions { CleanText = false }).Tokens("a\u200Bb"));
        Assert.Equal("a b", OwnTokenizer.Of("a b ab", new WordPieceOptions { CleanText = false }).Tokens("a\u0085b"));   // still White_Space
    }

    [Fact]
    public void Ideographs_are_words_if_they_are_to_be()
    {
        Assert.Equal("a 中 国 b", OwnTokenizer.Of("a b 中 国").Tokens("a中国b"));
        Assert.Equal("a中", OwnTokenizer.Of("a中", new WordPieceOptions { SplitIdeographs = false }).Tokens("a中"));
        Assert.Equal("豈 豈", OwnTokenizer.Of("豈").Tokens("\uF900\uF900"));   // set apart, then decomposed to U+8C48
        Assert.Equal("ひら", OwnTokenizer.Of("ひら").Tokens("ひら"));
    }

    [Fact]
    public void Punctuation_is_a_word_after_it_is_decomposed() =>
        Assert.Equal("a ; b", OwnTokenizer.Of("a ; b").Tokens("a\u037Eb"));     // Greek question mark

    [Fact]
    public void Marks_that_are_kept_are_put_in_order_across_parts()
    {
        // U+302E (class 224) and U+1D165 (class 216) are spacing marks, so they stay; U+0301 between them is stripped, U+0378 (class 0) parts them.
        var tokenizer = OwnTokenizer.Of("a\U0001D165\u302E a\u302E\u0378\U0001D165");
        Assert.Equal([4], tokenizer.Encode("a\u302E\u0301\U0001D165"));
        Assert.Equal([4], tokenizer.Encode("a\U0001D165\u302E"));
        Assert.Equal([5], tokenizer.Encode("a\u302E\u0378\U0001D165"));
        Assert.Equal([4], Cuts.Encode(tokenizer, "a\u302E\u0301\U0001D165", new Random(1), longest: 1));
    }

    [Fact]
    public void A_stripped_mark_of_class_0_still_parts_marks_that_would_change_places() =>
        Assert.Equal([4], OwnTokenizer.Of("a\u302E\U0001D165 a\U0001D165\u302E").Encode("a\u302E\u034F\U0001D165"));    // U+034F grapheme joiner

    [Fact]
    public void A_mark_in_the_next_part_belongs_to_the_letter_before() =>
        Assert.Equal([4], Cuts.Encode(OwnTokenizer.Of("e é"), "e\u0301", new Random(1), longest: 1));

    [Fact]
    public void Half_a_surrogate_pair_is_the_replacement_character()
    {
        var tokenizer = OwnTokenizer.Of("a\uFFFDb 😀 \uFFFD\uFFFD", new WordPieceOptions { CleanText = false });
        Assert.Equal([4], tokenizer.Encode("a\uD83Db"));
        Assert.Equal([4], tokenizer.Encode("a\uDE00b"));
        Assert.Equal([6], tokenizer.Encode("\uD83D\uD83D"));
        Assert.Equal([5], Cuts.Encode(tokenizer, "\uD83D\uDE00", new Random(1), longest: 1));
        Assert.Equal([6], Cuts.Encode(tokenizer, "\uD83D\uD83D", new Random(1), longest: 1));
    }

    [Fact]
    public void Decompositions_are_those_of_this_machine_where_it_knows_as_much()
    {
        // Only the tests may ask ICU. An older one leaves the newest letters whole; what it does decompose must agree.
        Assert.SkipWhen("é".Normalize(NormalizationForm.FormD) == "é", "needs ICU: this machine normalizes nothing");
        var parts = new int[4];
        var (composed, known) = (0, 0);
        foreach (var c in Enumerable.Range(0, 0x110000).Where(c => CodePoints.Is(c, Traits.Composed)))
        {
            composed++;
            var letter = char.ConvertFromUtf32(c);
            if (letter.Normalize(NormalizationForm.FormD) is var theirs && theirs == letter)
                continue;
            known++;
            Assert.Equal(theirs, string.Concat(parts[..CodePoints.Decompose(c, parts)].Select(char.ConvertFromUtf32)));
        }
        Assert.Equal(11172 + 2060, composed);      // Hangul, and 2,061 of Unicode 14.0 but U+11938
        Assert.InRange(known, 13_000, composed);
    }
}
