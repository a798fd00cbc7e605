using Rmt.Host.Input;
using Rmt.Testing;

namespace Rmt.Host.Tests.Input;

public sealed class InputsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private List<(string Name, string Text)> Read(params string[] inputs)
    {
        var documents = new List<(string, string)>();
        foreach (var source in new Inputs(inputs, null, () => Stream.Null).Documents())
        {
            try
            {
                using var reader = source.Open();
                documents.Add((source.Name.Replace(_folder.Path + "/", "", StringComparison.Ordinal), reader.ReadToEnd()));
            }
            catch (InputException error)
            {
                documents.Add((source.Name.Replace(_folder.Path + "/", "", StringComparison.Ordinal), $"! {error.Message}"));
            }
        }
        return documents;
    }

    [Fact]
    public void A_folder_is_all_text_and_jsonl_below_it_in_ordinal_order()
    {
        _ = _folder.Write("b.txt", "1");
        _ = _folder.Write("B.txt", "2");
        _ = _folder.Write("a/z.txt", "3");
        _ = _folder.Write("a.txt", "4");
        _ = _folder.Write("a/deep/er/x.jsonl", "{\"text\":\"5\"}");
        _ = _folder.Write("a/readme.md", "no");
        Assert.Equal([("B.txt", "2"), ("a.txt", "4"), ("a/deep/er/x.jsonl:1", "5"), ("a/z.txt", "3"), ("b.txt", "1")], Read(_folder.Path));
    }

    [Fact]
    public void A_link_that_leads_back_is_not_followed()
    {
        _ = _folder.Write("a/x.txt", "1");
        _ = Directory.CreateSymbolicLink(_folder["a", "back"], _folder.Path);
        Assert.Equal([("a/x.txt", "1")], Read(_folder.Path));
    }

    [Fact]
    public void A_file_that_is_named_is_read_whatever_its_name()
    {
        Assert.Equal([("notes.md", "text")], Read(_folder.Write("notes.md", "text")));
    }

    [Fact]
    public void A_line_of_jsonl_is_a_document_named_by_its_id_or_its_line()
    {
        var path = _folder.Write("d.jsonl", """
            {"text":"one","id":"first","label":"x"}

            {"id":7,"text":"two"}
            {"text":"three"}
            """);
        Assert.Equal([("d.jsonl:first", "one"), ("d.jsonl:7", "two"), ("d.jsonl:4", "three")], Read(path));
    }

    [Fact]
    public void A_bad_line_fails_alone_and_is_named_by_its_number()
    {
        var path = _folder.Write("d.jsonl", "{\"text\":1}\nnonsense\n[]\n{\"text\":\"\\ud800\"}\n{\"text\":\"good\"}\n");
        var documents = Read(path);
        Assert.Equal(["d.jsonl:1", "d.jsonl:2", "d.jsonl:3", "d.jsonl:4", "d.jsonl:5"], documents.Select(document => document.Name));
        Assert.StartsWith("! a line must be an object", documents[0].Text, StringComparison.Ordinal);
        Assert.StartsWith("! not JSON: ", documents[1].Text, StringComparison.Ordinal);
        Assert.StartsWith("! a line must be an object", documents[2].Text, StringComparison.Ordinal);
        Assert.StartsWith("! not text", documents[3].Text, StringComparison.Ordinal);
        Assert.Equal("good", documents[4].Text);
    }

    [Fact]
    public void Jsonl_that_is_not_UTF8_gives_the_lines_before_it()
    {
        File.WriteAllBytes(_folder["d.jsonl"], [.. "{\"text\":\"a\"}\n"u8, 0xFF, .. "\n{\"text\":\"b\"}\n"u8]);
        var documents = Read(_folder["d.jsonl"]);
        Assert.Equal(("d.jsonl:1", "a"), documents[0]);
        Assert.Contains("offset 13 ", documents[1].Text, StringComparison.Ordinal);
        Assert.Equal(2, documents.Count);
    }

    [Fact]
    public void Documents_are_opened_one_by_one()
    {
        var path = _folder.Write("d.jsonl", string.Join('\n', Enumerable.Repeat("{\"text\":\"a\"}", 20_000)));
        using var documents = new Inputs([path, "/no/such"], null, () => Stream.Null).Documents().GetEnumerator();
        Assert.True(documents.MoveNext());
        File.Delete(path);
        File.WriteAllText(path, "");
        Assert.True(documents.MoveNext());   // of the file as it was when it was opened
    }
}
