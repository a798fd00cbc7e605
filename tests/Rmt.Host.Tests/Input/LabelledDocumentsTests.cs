using Rmt.Host.Input;
using Rmt.Testing;

namespace Rmt.Host.Tests.Input;

/// <summary>Labelled documents of JSON lines and CSV: what is read, and what a mistake is called.</summary>
public sealed class LabelledDocumentsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private LabelledText[] Read(string name, string content) => [.. new LabelledDocuments(_folder.Write(name, content)).Read()];

    private string Wrong(string name, string content) => Assert.Throws<InputException>(() => Read(name, content)).Message;

    [Fact]
    public void Both_forms_give_texts_labels_and_lines()
    {
        var path = _folder["d.jsonl"];
        Assert.Equal([new("a\nb", "x", $"{path}:1"), new("", "1", $"{path}:3")],
            Read("d.jsonl", "{\"label\":\"x\",\"id\":7,\"text\":\"a\\nb\"}\r\n\n{\"text\":\"\",\"label\":1}"));

        path = _folder["d.csv"];
        Assert.Equal([new("a, \"b\"\r\nc", "x", $"{path}:2"), new("plain", "y", $"{path}:4"), new("", "z", $"{path}:6")],
            Read("d.csv", "id,text,label\r\n1,\"a, \"\"b\"\"\r\nc\",x\r\n2,plain,\"y\"\r\n\r\n3,\"\",z"));
    }

    [Fact]
    public void A_byte_order_mark_belongs_to_no_column()
    {
        Assert.Equal("x", Assert.Single(Read("d.csv", "\uFEFFtext,label\na,x\n")).Label);
        Assert.Equal("x", Assert.Single(Read("d.jsonl", "\uFEFF{\"text\":\"a\",\"label\":\"x\"}\n")).Label);
    }

    [Theory]
    [InlineData("d.jsonl", "{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":", ":2: not JSON")]
    [InlineData("d.jsonl", "{\"text\":\"a\"}", ":1: a line must be an object")]
    [InlineData("d.jsonl", "{\"text\":\"a\",\"label\":1.5}", ":1: a line must be an object")]
    [InlineData("d.jsonl", "[]", ":1: a line must be an object")]
    [InlineData("d.jsonl", "{\"text\":\"a\",\"label\":\" \"}", ":1: the label is empty")]
    [InlineData("d.jsonl", "{\"text\":\"\\ud800\",\"label\":\"x\"}", ":1: not text")]
    [InlineData("d.csv", "text;label\na;x", ":1: the header must name the columns text and label, once each; it is 'text;label'")]
    [InlineData("d.csv", "text,label,text\na,x,b", ":1: the header")]
    [InlineData("d.csv", "text,label\na,x\n\"b\nc\",y,z", ":3: the row has 3 fields, the header 2")]
    [InlineData("d.csv", "text,label\n\"a\nb\",x\nc\"d,y", ":4: a quote inside a field")]
    [InlineData("d.csv", "text,label\n\"a\"b,x", ":2: text behind the quote")]
    [InlineData("d.csv", "text,label\na,x\n\"b,y\n", ":3: a quote that is not closed")]
    [InlineData("d.csv", "text,label\ra,x", ":1: a carriage return without a line feed")]
    [InlineData("d.csv", "text,label\na,", ":2: the label is empty")]
    public void A_mistake_is_named_with_file_and_line(string name, string content, string message) =>
        Assert.StartsWith(_folder[name] + message, Wrong(name, content), StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_not_there_or_no_text_is_named()
    {
        Assert.Contains("none.csv", Assert.Throws<InputException>(() => new LabelledDocuments(_folder["none.csv"]).Read().Count()).Message, StringComparison.Ordinal);
        File.WriteAllBytes(_folder["bad.csv"], [.. "text,label\n"u8, 0xFF]);
        var bad = Assert.Throws<InputException>(() => new LabelledDocuments(_folder["bad.csv"]).Read().Count()).Message;
        Assert.StartsWith($"{_folder["bad.csv"]}: not UTF-8: the byte at offset 11", bad, StringComparison.Ordinal);
    }
}
