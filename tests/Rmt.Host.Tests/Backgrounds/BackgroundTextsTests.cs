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
        Assert.Contains("missing.txt: Could not find file", Assert.Throws<InputException>(() => BackgroundTexts.Open(_folder["missing.txt"])).Message, StringComparison.Ordinal);
        Assert.Contains("no *.txt", Assert.Throws<InputException>(() => BackgroundTexts.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_byte_is_told_with_its_file_and_its_place_in_it_wherever_reading_began()
    {
        File.WriteAllBytes(_folder["bad.txt"], [.. "one two "u8, 0xFF, 0xFE, .. " three\n"u8]);      // from the third word on: a byte-order mark
        var texts = BackgroundTexts.Open(_folder["bad.txt"]);
        var said = Enumerable.Range(0, 100).Select(seed =>
        {
            using var text = texts.Read((ulong)seed);
            return Assert.Throws<InputException>(text.ReadToEnd).Message;
        });
        Assert.Equal($"{_folder["bad.txt"]}: not UTF-8: the byte at offset 8 belongs to no character; make it UTF-8", Assert.Single(said.Distinct()));
        File.WriteAllBytes(_folder["bad.jsonl"], [.. "{\"text\": \"a\"}\n{\"text\": \""u8, 0xE9, .. "\"}\n"u8]);
        Refused("bad.jsonl", ":2: not UTF-8: the byte at offset 24 belongs to no character; make it UTF-8");
    }

    [Theory]
    [InlineData("a.txt")]
    [InlineData("a.jsonl")]
    public void A_mark_of_another_encoding_is_refused_and_that_of_UTF_8_is_none_of_the_text(string name)
    {
        const string Line = "{\"text\": \"a b\"}\n";
        foreach (var (encoding, called) in new[] { (Encoding.Unicode, "UTF-16"), (Encoding.BigEndianUnicode, "UTF-16"), (Encoding.UTF32, "UTF-32") })
        {
            File.WriteAllText(_folder[name], Line, encoding);
            Refused(name, $": it is {called}; a background is read from places in the middle, which needs UTF-8");
        }
        File.WriteAllText(_folder[name], Line, Encoding.UTF8);
        Assert.DoesNotContain('\uFEFF', string.Concat(Read(_folder[name], 20)));
    }

    private void Refused(string name, string message) => Assert.Equal(_folder[name] + message, Assert.Throws<InputException>(() => BackgroundTexts.Open(_folder[name])).Message);

    [Fact]
    public void A_text_behind_a_link_is_read_from_any_of_its_words_on()
    {
        var file = _folder.Write("a-file-of-words.txt", string.Concat(Enumerable.Range(0, 1000).Select(i => $"word{i} ")));
        _ = File.CreateSymbolicLink(_folder["l.txt"], file);
        Assert.Equal(Read(file, 5), Read(_folder["l.txt"], 5));
    }
}
