using Rmt.Adapter;
using Rmt.Host.Tests.Doubles;
using Rmt.Testing;

namespace Rmt.Host.Tests;

public sealed class ClassifyTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Words(string name, int count) => _folder.Write(name, string.Join(' ', Enumerable.Repeat("word", count)));

    [Fact]
    public void A_record_has_the_documented_keys_in_their_order()
    {
        using var session = new Session();
        var path = Words("a.txt", 9);
        Assert.Equal(ExitCode.Ok, session.Run("classify", path));
        var record = Assert.Single(session.Records);
        Assert.Equal(["source", "label", "score", "scores", "tokens_total", "tokens_read", "segments", "truncated", "seconds"], record.EnumerateObject().Select(property => property.Name));
        Assert.Equal(path, record.GetProperty("source").GetString());
        Assert.Equal("odd", record.GetProperty("label").GetString());
        Assert.Equal(record.GetProperty("score").GetDouble(), record.GetProperty("scores").GetProperty("odd").GetDouble());
        Assert.Equal(1, record.GetProperty("scores").EnumerateObject().Sum(score => score.Value.GetDouble()), 12);
        Assert.Equal((9, 9, 3, false), (record.GetProperty("tokens_total").GetInt32(), record.GetProperty("tokens_read").GetInt32(), record.GetProperty("segments").GetInt32(), record.GetProperty("truncated").GetBoolean()));
        Assert.Equal("", session.Error);
        Assert.True(session.Reader!.IsDisposed);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t")]
    [InlineData("[SEP] [SEP]")]
    public void A_text_without_content_is_a_document_of_one_segment(string text)
    {
        using var session = Session.WithInput(text);
        Assert.Equal(ExitCode.Ok, session.Run("classify", "-"));
        var record = Assert.Single(session.Records);
        Assert.Equal(("-", 0, 1), (record.GetProperty("source").GetString(), record.GetProperty("tokens_total").GetInt32(), record.GetProperty("segments").GetInt32()));
    }

    [Fact]
    public void Records_come_in_the_order_of_the_inputs_though_short_documents_end_first()
    {
        using var session = new Session();
        int[] lengths = [40, 1, 0, 17, 3, 80, 2, 2, 5];
        var paths = lengths.Select((length, i) => Words($"{i}.txt", length)).ToArray();
        Assert.Equal(ExitCode.Ok, session.Run(["classify", "--batch", "2", .. paths]));
        Assert.Equal(paths, session.Records.Select(record => record.GetProperty("source").GetString()));
        Assert.Equal(lengths, session.Records.Select(record => record.GetProperty("tokens_total").GetInt32()));
    }

    [Fact]
    public void Documents_are_begun_early_enough_for_full_batches_and_no_earlier()
    {
        using var session = new Session();
        var paths = Enumerable.Range(0, 60).Select(i => Words($"{i}.txt", i * 7 % 31)).ToArray();
        Assert.Equal(ExitCode.Ok, session.Run(["classify", "--batch", "3", .. paths]));
        Assert.Equal(12, session.Reader!.MostWaiting);
        Assert.All(session.Reader.RowsOfSteps.SkipLast(8), rows => Assert.Equal(3, rows));
    }

    [Fact]
    public void An_unreadable_document_fails_alone()
    {
        using var session = new Session();
        var good = Words("good.txt", 2);
        var bad = _folder["bad.txt"];
        File.WriteAllBytes(bad, [(byte)'a', (byte)'b', 0xC3, (byte)'c']);
        var empty = Directory.CreateDirectory(_folder["empty"]).FullName;
        Assert.Equal(ExitCode.InputUnreadable, session.Run("classify", "/no/such", bad, empty, good));
        Assert.Equal(["/no/such", bad, empty, good], session.Records.Select(record => record.GetProperty("source").GetString()));
        Assert.Equal("no such file or folder", session.Records[0].GetProperty("error").GetString());
        Assert.Equal("not UTF-8: the byte at offset 2 belongs to no character; name the file's encoding with --encoding NAME", session.Records[1].GetProperty("error").GetString());
        Assert.Equal("the folder holds no *.txt and no *.jsonl", session.Records[2].GetProperty("error").GetString());
        Assert.Equal("even", session.Records[3].GetProperty("label").GetString());
        Assert.Equal(["source", "error"], session.Records[0].EnumerateObject().Select(property => property.Name));
        Assert.Equal("rmt: 3 of 4 documents failed; their records say why\n", session.Error);
    }

    [Fact]
    public void A_named_encoding_reads_what_is_not_UTF8()
    {
        using var session = new Session();
        File.WriteAllBytes(_folder["latin.txt"], [0xE9, (byte)' ', 0xE9]);
        Assert.Equal(ExitCode.Ok, session.Run("classify", "--encoding", "windows-1252", _folder["latin.txt"]));
        Assert.Equal(2, session.Records[0].GetProperty("tokens_total").GetInt32());
    }

    [Theory]
    [InlineData("head", "11 12 13 14 15 16 17 18")]
    [InlineData("head_tail", "11 12 15 16 17 18 19 20")]
    public void Max_tokens_is_the_only_way_to_truncate_and_is_told(string side, string kept)
    {
        var text = string.Join(' ', Enumerable.Range(1, 10).Select(length => new string('x', length)));
        using var session = Session.WithInput("[SEP] " + text);
        Assert.Equal(ExitCode.Ok, session.Run("classify", "--max-tokens", "8", "--truncate", side, "-"));
        var record = session.Records[0];
        Assert.Equal((10, 8, 2, true), (record.GetProperty("tokens_total").GetInt32(), record.GetProperty("tokens_read").GetInt32(), record.GetProperty("segments").GetInt32(), record.GetProperty("truncated").GetBoolean()));
        Assert.Equal(kept.Split(' ').Select(int.Parse), session.Reader!.Given[0]);
    }

    [Fact]
    public void A_limit_that_is_not_reached_truncates_nothing()
    {
        using var session = Session.WithInput("a b c");
        Assert.Equal(ExitCode.Ok, session.Run("classify", "--max-tokens", "3", "-"));
        Assert.False(session.Records[0].GetProperty("truncated").GetBoolean());
    }

    [Fact]
    public void Defaults_are_as_documented()
    {
        using var session = Session.WithInput("a");
        Assert.Equal(ExitCode.Ok, session.Run("classify", "-"));
        Assert.Equal(new(null, "cpu", "float32", Environment.ProcessorCount, null, 8), session.Choice);
    }

    [Fact]
    public void Every_option_of_the_model_reaches_it()
    {
        using var session = Session.WithInput("a");
        Assert.Equal(ExitCode.Ok, session.Run("classify", "--model", "m", "--device", "cuda:1", "--dtype", "bfloat16", "--threads", "3", "--alignment", "center", "--batch", "5", "-"));
        Assert.Equal(new("m", "cuda:1", "bfloat16", 3, SegmentAlignment.Center, 5), session.Choice);
    }

    [Fact]
    public void Scores_that_are_no_numbers_are_an_error_of_the_document()
    {
        using var session = new Session { Input = "a"u8.ToArray(), Prepare = reader => reader.Logits = _ => [float.NaN, 0] };
        Assert.Equal(ExitCode.InputUnreadable, session.Run("classify", "-"));
        Assert.Contains("not numbers", session.Records[0].GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_of_every_script_is_written_as_it_is()
    {
        using var session = new Session();
        var path = _folder.Write("é漢😀\\uD83D\\😀\"\u0001.txt", "a");
        Assert.Equal(ExitCode.Ok, session.Run("classify", path));
        Assert.Contains("""é漢😀\\uD83D\\😀\"\u0001.txt""", session.Out, StringComparison.Ordinal);
        Assert.Equal(path, session.Records[0].GetProperty("source").GetString());
    }

    [Fact]
    public void A_terminal_gets_a_table()
    {
        using var session = new Session { OnTerminal = true };
        Assert.Equal(ExitCode.InputUnreadable, session.Run("classify", Words("a.txt", 9), "/no/such"));
        Assert.Contains("segments", session.Out, StringComparison.Ordinal);
        Assert.Contains("/no/such: no such file or folder", session.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("{", session.Out, StringComparison.Ordinal);
    }
}
