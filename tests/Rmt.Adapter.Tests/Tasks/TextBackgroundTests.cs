namespace Rmt.Adapter.Tests;

public class TextBackgroundTests
{
    private readonly TextTokenizer tokenizer = new();

    private string Fill(TextBackground background, int tokens, ulong seed = 0)
    {
        var ids = new int[tokens];
        background.Fill(seed, ids);
        return tokenizer.Text(ids);
    }

    private TextBackground Of(string text) => new(tokenizer, _ => new StringReader(text));

    [Fact]
    public void A_short_text_is_repeated_with_nothing_between()
    {
        Assert.Equal("a b . a b . a b", Fill(Of("a b."), 8));
        Assert.Equal("a ba ba ba", Fill(Of("a b"), 4));
    }

    [Fact]
    public void Special_tokens_written_in_a_text_do_not_count() => Assert.Equal("a b a b a", Fill(Of("a [SEP] b "), 5));

    [Fact]
    public void One_word_alone_goes_on_and_a_text_without_a_word_is_refused()
    {
        Assert.Equal("word word word", Fill(Of("word"), 3));
        Assert.Contains("no token", Assert.Throws<InvalidDataException>(() => Fill(Of(" \n "), 1)).Message, StringComparison.Ordinal);
        Assert.Contains("no token", Assert.Throws<InvalidDataException>(() => Fill(Of(""), 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_of_the_same_seed_begins_with_less_of_it()
    {
        var background = TextBackground.Generated(tokenizer);
        Assert.StartsWith(Fill(background, 1_000, 3), Fill(background, 40_000, 3), StringComparison.Ordinal);
        Assert.NotEqual(Fill(background, 100, 3), Fill(background, 100, 4));
    }

    [Fact]
    public void Generated_sentences_hardly_repeat()
    {
        var sentences = Fill(TextBackground.Generated(tokenizer), 100_000).Split(" . ").Where(sentence => sentence.Length > 20).ToList();
        Assert.InRange(sentences.Distinct().Count() / (double)sentences.Count, 0.99, 1);
        Assert.InRange(sentences.SelectMany(sentence => sentence.Split(' ')).Distinct().Count(), 5_000, 40_000);
    }
}
