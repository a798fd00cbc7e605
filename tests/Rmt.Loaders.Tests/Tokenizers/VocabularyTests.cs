using System.Text;
using Rmt.Adapter;
using Rmt.Testing;

namespace Rmt.Loaders.Tests;

public class VocabularyTests
{
    private const string Specials = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n";

    [Fact]
    public void A_line_is_a_token_and_its_number_the_id_both_ways()
    {
        using var folder = new TempFolder();
        var vocabulary = Vocabulary.Load(folder.Write("vocab.txt", "a\n##b\n中\n😀"));
        Assert.Equal(4, vocabulary.Count);
        Assert.Equal(["a", "##b", "中", "😀"], Enumerable.Range(0, 4).Select(id => vocabulary[id]));
        Assert.Equal([0, 1, 2, 3], new[] { "a", "##b", "中", "😀" }.Select(token => vocabulary.IdOf(token)!.Value));
        Assert.Null(vocabulary.IdOf("b"));
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => vocabulary[4]);
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => vocabulary[-1]);
    }

    [Fact]
    public void White_space_at_the_end_of_a_line_is_no_part_of_the_token()
    {
        using var folder = new TempFolder();
        var vocabulary = Vocabulary.Load(folder.Write("vocab.txt", "a\r\nb \t\u00A0\r\n c\r\nd\r\r"));
        Assert.Equal(["a", "b", " c", "d"], Enumerable.Range(0, vocabulary.Count).Select(id => vocabulary[id]));
    }

    [Theory]
    [InlineData("a\n\nb", "line 2 is empty")]
    [InlineData("a\nb\n\n", "line 3 is empty")]
    [InlineData("a\n \u3000\nb", "line 2 is empty")]
    [InlineData("a\nb\na\n", "line 3 repeats 'a' of line 1")]
    [InlineData("a\nb\na\r\n", "line 3 repeats 'a' of line 1")]
    [InlineData("", "is empty")]
    [InlineData("\uFEFFa\nb", "line 1 begins with a byte-order mark")]
    public void A_wrong_line_is_named(string content, string problem) => Refused(Encoding.UTF8.GetBytes(content), problem);

    [Fact]
    public void A_line_that_is_not_utf8_is_named() => Refused([(byte)'a', (byte)'\n', 0xC3, (byte)'\n'], "line 2 is not UTF-8");

    [Fact]
    public void A_file_that_cannot_be_read_is_named()
    {
        using var folder = new TempFolder();
        foreach (var path in new[] { Path.Combine(folder.Path, "none.txt"), folder.Path })
            Assert.StartsWith($"{path}: cannot be read", Assert.Throws<LoadException>(() => Vocabulary.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_more_than_64_MiB_is_not_read()
    {
        using var folder = new TempFolder();
        var path = folder["vocab.txt"];
        using (var stream = File.Create(path))
            stream.SetLength(SmallFile.MostBytes + 1);
        Assert.Contains("67108865 bytes", Assert.Throws<LoadException>(() => Vocabulary.Load(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[PAD]")]
    [InlineData("[UNK]")]
    [InlineData("[CLS]")]
    [InlineData("[SEP]")]
    public void A_special_token_that_is_missing_is_named(string token)
    {
        using var folder = new TempFolder();
        var path = folder.Write("vocab.txt", Specials.Replace(token, "a", StringComparison.Ordinal));
        var error = Assert.Throws<LoadException>(() => WordPieceTokenizer.LoadVocabulary(path));
        Assert.Equal(path, error.Path);
        Assert.Contains($"has no token '{token}'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\nB", false)]
    [InlineData("a\n##É", false)]
    [InlineData("a\n[unused0]\n[MASK]", true)]
    public void Capital_letters_make_a_vocabulary_cased(string words, bool lowercase)
    {
        using var folder = new TempFolder();
        Assert.Equal(lowercase, WordPieceTokenizer.LoadVocabulary(folder.Write("vocab.txt", Specials + words)).Options.Lowercase);
    }

    [Fact]
    public void Options_given_by_the_caller_win_over_the_letters()
    {
        using var folder = new TempFolder();
        ITokenizer tokenizer = WordPieceTokenizer.LoadVocabulary(folder.Write("vocab.txt", Specials + "a\nB\n@@b"),
            new WordPieceOptions { Prefix = "@@" });
        Assert.Equal("a @@b", tokenizer.Tokens("AB"));
    }

    [Fact]
    public void Special_tokens_of_a_vocabulary_are_cut_out_of_the_text()
    {
        using var folder = new TempFolder();
        var tokenizer = WordPieceTokenizer.LoadVocabulary(folder.Write("vocab.txt", Specials + "a\n[MASK]"));
        Assert.Equal("a [MASK] a [CLS]", tokenizer.Tokens("a[MASK]a[CLS]"));
        Assert.Equal(new SpecialTokens(0, 2, 3), tokenizer.Special);
    }

    private static void Refused(byte[] content, string problem)
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["vocab.txt"], content);
        var error = Assert.Throws<LoadException>(() => Vocabulary.Load(folder["vocab.txt"]));
        Assert.Equal(folder["vocab.txt"], error.Path);
        Assert.StartsWith($"{error.Path}: {problem}", error.Message, StringComparison.Ordinal);
    }
}
