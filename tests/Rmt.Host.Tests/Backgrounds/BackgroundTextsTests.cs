using System.Text;
using Rmt.Host.Backgrounds;
using Rmt.Host.Input;
using Rmt.Testing;

namespace Rmt.Host.Tests.Backgrounds;

public sealed class BackgroundTextsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static List<string> Read(string path, int seeds)
    {
        var texts = BackgroundTexts.Open(path);
        return [.. Enumerable.Range(0, seeds).Select(seed =>
        {
            using var text = texts.Read((ulong)seed);
            return text.ReadToEnd();
        })];
    }

    [Fact]
    public void A_text_file_is_read_whole_from_any_of_its_words_on()
    {
        const string Text = "één two\nthree € four ";
        var file = _folder.Write("a.txt", Text);
        string[] turned = [.. new[] { "één ", "two\n", "three ", "€ ", "four " }.Select(word => Text[Text.IndexOf(word, StringComparison.Ordinal)..] + Text[..Text.IndexOf(word, StringComparison.Ordinal)])];
        Assert.Equal(turned.Order(StringComparer.Ordinal), Read(file, 300).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_same_seed_gives_the_same_text()
    {
        var file = _folder.Write("a.txt", string.Concat(Enumerable.Range(0, 50_000).Select(i => $"word{i} ")));
        Assert.Equal(Read(file, 5), Read(file, 5));
        Assert.Equal(5, Read(file, 5).Distinct().Count());
        Assert.All(Read(file, 3), text => Assert.Equal(new FileInfo(file).Length, text.Length));
    }

    [Fact]
    public void Of_documents_one_is_chosen_from_its_beginning_and_QuALITY_is_known_by_its_keys()
    {
        var file = _folder.Write("q.jsonl", """
            {"text": "own"}

            {"id": "52845_75VB1ISR_1", "pid": "p", "input": "Who?\n\n (A) One\n\nAn article", "output": "One"}
            {"article_id": "52845", "title": "t", "article": "The article", "questions": []}
            """);
        Assert.Equal(["The article", "Who?\n\n (A) One\n\nAn article", "own"], Read(file, 60).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_folder_gives_texts_of_all_its_files_longer_ones_more_often()
    {
        _ = _folder.Write("a.txt", new string('a', 100));
        _ = _folder.Write("b.txt", new string('b', 300));
        File.WriteAllText(_folder["below", "c.jsonl"], $$"""{"text": "{{new string('c', 88)}}"}""");
        _ = _folder.Write("d.md", "no text of ours");
        var counts = Read(_folder.Path, 1_000).CountBy(text => text[0]).ToDictionary();
        Assert.Equal(['a', 'b', 'c'], counts.Keys.Order());
        Assert.InRange(counts['b'], 540, 660);
    }

    [Theory]
    [InlineData("empty.txt", "", "there is no text in it")]
    [InlineData("a.jsonl", "{\"text\": \"a\"}\n{\"title\": \"a\"}", "a.jsonl:2: a line must be an object with a string \"text\" or \"input\" or \"article\"")]
    [InlineData("a.jsonl", "{\"text\": \"a\"}\n{\"text\"", "a.jsonl:2: not JSON")]
    [InlineData("a.jsonl", "{\"text\": \"\\ud800\"}", "a.jsonl:1: not text")]
    public void What_is_no_background_is_refused_when_it_is_opened(string name, string content, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => BackgroundTexts.Open(_folder.Write(name, content))).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_not_there_or_holds_no_texts_is_named()
    {
        Assert.Contains("missing.txt", Assert.Throws<InputException>(() => BackgroundTexts.Open(_folder["missing.txt"])).Message, StringComparison.Ordinal);
        Assert.Contains("no *.txt", Assert.Throws<InputException>(() => BackgroundTexts.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_byte_and_UTF_16_are_told_with_the_file()
    {
        File.WriteAllBytes(_folder["bad.txt"], [.. "a "u8, 0xFF, 0xFF]);
        Assert.Contains("bad.txt: not UTF-8", Assert.Throws<InputException>(() => Read(_folder["bad.txt"], 1)).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder["wide.txt"], "a b c", Encoding.Unicode);
        Assert.Contains("wide.txt: it is UTF-16", Assert.Throws<InputException>(() => Read(_folder["wide.txt"], 1)).Message, StringComparison.Ordinal);
    }
}
