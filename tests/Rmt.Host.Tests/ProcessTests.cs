using Rmt.Host.Tests.Doubles;
using Rmt.Testing;

namespace Rmt.Host.Tests;

/// <summary>Exit codes, pipes and signals of the real program. A vocabulary is model enough for 'tokenize'.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public ProcessTests() => _ = _folder.Write("model/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nworld\n##s\n");

    public void Dispose() => _folder.Dispose();

    private string Model => _folder["model"];

    [Fact]
    public void Success_is_0()
    {
        var end = Finished.Shell($"printf 'hello worlds' | $RMT tokenize --model {Model} -");
        Assert.Equal((0, "{\"source\":\"-\",\"ids\":[5,6,7],\"tokens\":[\"hello\",\"world\",\"##s\"]}\n", ""), (end.ExitCode, end.Out, end.Error));
    }

    [Fact]
    public void A_full_disk_is_1_and_one_line()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full");
        var end = Finished.Shell($"printf hello | $RMT tokenize --model {Model} - >/dev/full");
        Assert.Equal(1, end.ExitCode);
        Assert.Single(end.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("2>/dev/full")]
    [InlineData("2>&-")]
    public void What_cannot_be_told_ends_no_work(string stderr)
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full");
        var end = Finished.Shell($"printf hello | $RMT tokenize --model {Model} /no/such - {stderr}");
        Assert.Equal((4, 2), (end.ExitCode, end.Out.TrimEnd().Split('\n').Length));
        Assert.Equal(4, Finished.Shell($"$RMT classify /no/such {stderr}").ExitCode);
    }

    [Fact]
    public void A_mistake_is_2() => Assert.Equal(2, Finished.Rmt("classify", "--batch", "none", "-").ExitCode);

    [Fact]
    public void The_embedded_model_answers_where_none_is_named()
    {
        foreach (var place in new[] { "garden", "kitchen" })
        {
            var end = Finished.Shell($"echo 'Sandra went back to the {place}. Then it rained for a week. Where is Sandra?' | $RMT classify -");
            Assert.Equal((0, ""), (end.ExitCode, end.Error));
            Assert.Contains($"\"label\":\"{place}\"", end.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_folder_without_a_model_is_3()
    {
        var end = Finished.Rmt("classify", "--model", _folder.Path, "-");
        Assert.Equal(3, end.ExitCode);
        Assert.StartsWith($"rmt: {_folder.Path}: ", end.Error, StringComparison.Ordinal);
        Assert.Single(end.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void An_unreadable_input_is_4() => Assert.Equal(4, Finished.Rmt("tokenize", "--model", Model, "/no/such").ExitCode);

    [Fact]
    public void Ctrl_C_is_130_also_while_nothing_comes_through_the_pipe()
    {
        // The program is asked to end once it has told that it reads. Without job control, bash has what runs in the background ignore SIGINT.
        var fifo = _folder["fifo"];
        var end = Finished.Shell($"""
            set -m; mkfifo {fifo}; $RMT tokenize --model {Model} /no/such - <{fifo} >{_folder["out"]} & exec 8>{fifo}
            until [ -s {_folder["out"]} ]; do sleep 0.05; done
            kill -INT $!; wait $!
            """);
        Assert.Equal(130, end.ExitCode);
        Assert.Contains("rmt: cancelled; 1 documents done\n", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reader_that_goes_away_ends_the_work_quietly()
    {
        var lines = _folder.Write("many.jsonl", string.Concat(Enumerable.Repeat("{\"text\":\"hello\"}\n", 200_000)));
        var end = Finished.Shell($"$RMT tokenize --model {Model} {lines} | head -n 1; echo ${{PIPESTATUS[0]}}");
        Assert.Equal("0", end.Out.TrimEnd().Split('\n')[^1]);
        Assert.Equal("", end.Error);
    }

    [Fact]
    public void Two_programs_write_one_behind_the_other_into_a_file()
    {
        var end = Finished.Shell($"(printf hello | $RMT tokenize --model {Model} -; printf world | $RMT tokenize --model {Model} -) >{_folder["out"]}; cat {_folder["out"]}");
        Assert.Equal(2, end.Out.TrimEnd().Split('\n').Length);
    }
}
