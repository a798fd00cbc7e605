namespace Rmt.Loaders.Tests;

/// <summary>The flags of added tokens one by one; WordPieceLawsTests compares their mixtures.</summary>
public class AddedTokenTests
{
    private static readonly AddedToken X = new(-1, "[X]");

    [Theory]
    [InlineData("a[X]b", "a [X] b")]
    [InlineData("[X][X]", "[X] [X]")]
    [InlineData("a[x]b", "a [ x ] b")]                     // exact case
    [InlineData("[[X]]", "[ [X] ]")]
    [InlineData("[X", "[ x")]                              // the end decides that it is none
    [InlineData("[\u200BX]", "[ x ]")]                     // looked for before the text is cleaned
    public void Tokens_are_cut_out_of_the_text_as_written(string text, string tokens) =>
        Assert.Equal(tokens, OwnTokenizer.Of("a b x [ ]", null, X).Tokens(text));

    [Fact]
    public void At_the_leftmost_place_the_longest_token_wins()
    {
        var tokenizer = OwnTokenizer.Of("a b c d ##b ##c ##d", null, new(-1, "ab"), new(-1, "abcd"), new(-1, "bcde"));
        Assert.Equal("abcd", tokenizer.Tokens("abcd"));
        Assert.Equal("ab c", tokenizer.Tokens("abc"));
        Assert.Equal("abcd [UNK]", tokenizer.Tokens("abcde"));       // not a + bcde
        Assert.Equal("bcde", tokenizer.Tokens("bcde"));
    }

    [Fact]
    public void A_token_behind_the_vocabulary_gets_the_next_id_and_counts()
    {
        var tokenizer = OwnTokenizer.Of("a b", null, X, new(-1, "[Y]"));
        Assert.Equal([6, 7], tokenizer.Encode("[X][Y]"));
        Assert.Equal(8, tokenizer.VocabularySize);
        Assert.Equal("[Y]", tokenizer.Token(7));
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Token(8));
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Token(-1));
    }

    [Fact]
    public void A_word_never_becomes_an_added_token_behind_the_vocabulary() =>
        Assert.Equal("[UNK] cat", OwnTokenizer.Of("a", null, new AddedToken(-1, "cat") { SingleWord = true }).Tokens("cats cat"));

    [Theory]
    [InlineData("cat", "cat")]
    [InlineData("a cat.", "a cat .")]
    [InlineData("cata", "[UNK]")]
    [InlineData("acat", "[UNK]")]
    [InlineData("_cat", "_ [UNK]")]          // an underscore is \w
    [InlineData("cat\u0301a", "[UNK]")]      // so is a mark
    [InlineData("\u200Dcat", "[UNK]")]       // and the joiners, though the text would be cleaned of them
    [InlineData("éacat", "[UNK]")]
    [InlineData("catcat cat", "[UNK] cat")]
    public void A_single_word_stands_between_characters_that_are_none_of_words(string text, string tokens) =>
        Assert.Equal(tokens, OwnTokenizer.Of("a . _", null, new AddedToken(-1, "cat") { SingleWord = true }).Tokens(text));

    [Fact]
    public void What_was_no_single_word_is_not_searched_again()
    {
        // The Rust library goes on behind the token that it gave up, so that "at" inside is not seen.
        var tokenizer = OwnTokenizer.Of("a ##t", null, new AddedToken(-1, "cat") { SingleWord = true }, new(-1, "at"));
        Assert.Equal("[UNK]", tokenizer.Tokens("cata"));
        Assert.Equal("at a", tokenizer.Tokens("ata"));
    }

    [Theory]
    [InlineData(false, false, "b_ [X] _b")]
    [InlineData(true, false, "b [X] _b")]
    [InlineData(false, true, "b_ [X] b")]
    [InlineData(true, true, "b [X] b")]
    public void Strips_take_white_space_away_from_normalized_tokens(bool left, bool right, string expected)
    {
        // Between words white space gives no ids; only a normalized token with a space at its end can tell whether it was there.
        var tokenizer = OwnTokenizer.Of("b", null, X with { LeftStrip = left, RightStrip = right },
            new AddedToken(-1, "b ") { Normalized = true }, new AddedToken(-1, " b") { Normalized = true });
        var found = tokenizer.Encode("b \t [X] \u000B b").Select(id => tokenizer.Token(id).Replace(' ', '_'));
        Assert.Equal(expected, string.Join(' ', found));
    }

    [Theory]
    [InlineData("hallo", "Hallo")]
    [InlineData("xHÁLLOx", "x Hallo x")]
    [InlineData("ha\u200Bllo", "Hallo")]
    [InlineData("hall", "[UNK]")]
    public void A_normalized_token_is_found_in_the_normalized_text(string text, string tokens) =>
        Assert.Equal(tokens, OwnTokenizer.Of("x", null, new AddedToken(-1, "Hallo") { Normalized = true }).Tokens(text));

    [Fact]
    public void A_normalized_token_of_ideographs_is_found_with_the_spaces_that_normalization_puts_there()
    {
        var tokenizer = OwnTokenizer.Of("中 国 x", null, new AddedToken(-1, "中国") { Normalized = true });
        Assert.Equal("x 中国 x", tokenizer.Tokens("x中国x"));
        Assert.Equal("中 x 国", tokenizer.Tokens("中x国"));
    }

    [Fact]
    public void Written_tokens_go_before_normalized_ones() =>
        Assert.Equal("[X] x", OwnTokenizer.Of("x", null, X, new AddedToken(-1, "[X]x") { Normalized = true }).Tokens("[X]x"));

    [Fact]
    public void Two_tokens_that_normalization_makes_one_are_refused()
    {
        var error = Assert.Throws<LoadException>(() => OwnTokenizer.Of("x", null,
            new AddedToken(-1, "Foo") { Normalized = true }, new AddedToken(-1, "foo") { Normalized = true }));
        Assert.Contains("tokenizer.json: the added token 'foo' is another one once it is normalized", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_of_which_normalization_leaves_nothing_is_refused()
    {
        var error = Assert.Throws<LoadException>(() => OwnTokenizer.Of("x", null, new AddedToken(-1, "\u0301") { Normalized = true }));
        Assert.Contains("is empty once it is normalized", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_of_a_thousand_characters_is_found_and_a_longer_one_refused()
    {
        var content = new string('x', 999) + "y";
        Assert.Equal([1, 5, 4], OwnTokenizer.Of("a", null, new AddedToken(-1, content)).Encode("xx" + content + "a"));
        var error = Assert.Throws<LoadException>(() => OwnTokenizer.Of("a", null, new AddedToken(-1, content + "y")));
        Assert.Contains("has 1001 characters; at most 1000 are looked for", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void White_space_that_is_not_cleaned_cannot_be_counted_and_is_refused()
    {
        var options = new WordPieceOptions { CleanText = false };
        var strips = X with { LeftStrip = true };
        var error = Assert.Throws<LoadException>(() => OwnTokenizer.Of("x", options, strips, new AddedToken(-1, "b\t") { Normalized = true }));
        Assert.Contains("needs clean_text", error.Message, StringComparison.Ordinal);
        Assert.Equal("x b [X]", OwnTokenizer.Of("x", options, strips, new AddedToken(-1, "b") { Normalized = true }).Tokens("x\tb \t[X]"));
    }
}
