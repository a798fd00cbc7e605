using Rmt.Adapter;
using Rmt.Host.Tests.Doubles;
using Rmt.Loaders;
using Rmt.Testing;

namespace Rmt.Host.Tests;

public class VocabularyTests
{
    [Fact]
    public void A_vocabulary_of_a_text_is_read_by_the_tokenizer_and_is_the_same_each_time()
    {
        using var folder = new TempFolder();
        string Made(string name)
        {
            var file = Path.Combine(folder.Path, name);
            using var session = Session.WithInput("The Rain in Spain stays mainly in the plain. ÉTÉ");
            Assert.Equal(ExitCode.Ok, session.Run("vocabulary", "-", "--lowercase", "--size", "300", "--words", "Mary, garden", "--save", file));
            var record = Assert.Single(session.Records);
            Assert.Equal((file, File.ReadLines(file).Count(), 11, 9), (record.GetProperty("path").GetString(), record.GetProperty("tokens").GetInt32(),
                record.GetProperty("words").GetInt32(), record.GetProperty("distinct_words").GetInt32()));
            return File.ReadAllText(file);
        }
        Assert.Equal(Made("one"), Made("other"));
        ITokenizer tokenizer = WordPieceTokenizer.LoadVocabulary(Path.Combine(folder.Path, "one"));
        Assert.Equal(["mary", "garden", "spain", "ete"], tokenizer.Encode("MARY garden Spain été").Select(tokenizer.Token));
        Assert.DoesNotContain("[UNK]", tokenizer.Encode("~{|}|Quixotic#42`@").Select(tokenizer.Token));
    }

    [Fact]
    public void Generated_text_and_words_of_a_file_make_one_without_any_input()
    {
        using var folder = new TempFolder();
        var (words, file) = (Path.Combine(folder.Path, "words"), Path.Combine(folder.Path, "vocab.txt"));
        File.WriteAllText(words, "Sandra\nhallway\n");
        using var session = new Session();
        Assert.Equal(ExitCode.Ok, session.Run("vocabulary", "--generated", "100000", "--size", "1000", "--words", words, "--save", file));
        var tokens = File.ReadAllLines(file);
        Assert.Equal(1000, tokens.Length);
        Assert.All(["Sandra", "hallway", "the"], word => Assert.Contains(word, tokens));
    }

    [Fact]
    public void What_cannot_be_read_or_does_not_fit_leaves_no_file()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "vocab.txt");
        using var missing = new Session();
        Assert.Equal(ExitCode.InputUnreadable, missing.Run("vocabulary", "/no/such", "--save", file));
        Assert.Equal("no such file or folder", missing.Records[0].GetProperty("error").GetString());
        using var small = Session.WithInput("text");
        Assert.Equal(ExitCode.Usage, small.Run("vocabulary", "-", "--size", "100", "--save", file));
        Assert.Contains("a vocabulary of 100 tokens is too small", small.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("(Parameter", small.Error, StringComparison.Ordinal);
        using var nothing = new Session();
        Assert.Equal(ExitCode.Usage, nothing.Run("vocabulary", "--save", file));
        Assert.False(File.Exists(file));
    }
}
