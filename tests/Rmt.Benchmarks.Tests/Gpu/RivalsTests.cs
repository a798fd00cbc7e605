using Rmt.Benchmarks.Gpu;
using Rmt.Testing;

namespace Rmt.Benchmarks.Tests.Gpu;

public sealed class RivalsTests : IDisposable
{
    private const string Head = """{"bench": "infer", "model": "base", "attention": "any", "device": "A card", "torch": "2.11.0", "transformers": "5.17", "threads": 16}""";
    private const string Figure = """{"bench": "infer", "variant": "hf-graph", "dtype": "bf16", "batch": 8, "masked": false, "ms": 2.11, "ms_least": 2.1, "calls": 900, "tokens_per_s": 1892000, "peak_mib": 300.5}""";

    private readonly TempFolder folder = new();
    private readonly List<string> said = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_line_of_theirs_is_a_line_of_ours()
    {
        var line = Assert.Single(RivalLines.Parse(Figure, "steps", "base", batch: 1));
        Assert.Equal(new GpuLine("steps", "base", 8, GpuLine.Them, "hf-graph") { Milliseconds = 2.11, LeastMilliseconds = 2.1, Calls = 900, TokensPerSecond = 1892000, PeakMib = 300.5 }, line);
        Assert.Equal("A card, torch 2.11.0, transformers 5.17", RivalLines.Machine(Head));
        Assert.Null(RivalLines.Machine(Figure));
    }

    [Fact]
    public void One_that_read_a_document_too_is_two_and_one_of_training_has_the_batch_it_was_asked_for()
    {
        var lines = RivalLines.Parse("""{"variant": "bare-graph", "batch": 1, "ms": 0.66, "segments": 4096, "tokens": 2043904, "wall_s": 2.5, "peak_mib": 250}""", "steps", "base", 1).ToArray();
        Assert.Equal(["steps", "document"], lines.Select(line => line.Part));
        Assert.Equal((2.5, 2043904 / 2.5, 2500), (lines[1].Seconds, lines[1].TokensPerSecond, lines[1].Time));
        Assert.Equal(32, Assert.Single(RivalLines.Parse("""{"bench": "train", "variant": "hf-plain", "ms": 250}""", "training", "base", 32)).Batch);
    }

    [Theory]
    [InlineData(Head)]
    [InlineData("")]
    [InlineData("{'a': 1}")]
    [InlineData("Loading weights: 100%")]
    [InlineData("[1]")]
    public void What_is_no_figure_is_no_line(string line) => Assert.Empty(RivalLines.Parse(line, "steps", "base", 1));

    [Fact]
    public void One_that_did_not_fit_is_its_error()
    {
        var line = Assert.Single(RivalLines.Parse("""{"variant": "hf-plain", "batch": 4, "error": "CUDA out of memory."}""", "steps", "base", 1));
        Assert.Equal(("CUDA out of memory.", null, null), (line.Error, line.Milliseconds, line.Time));
    }

    [Fact]
    public void Lines_come_as_they_are_told_and_options_are_handed_on()
    {
        folder.Write("infer.py", $"echo '{Head}'\necho '{Figure}'\necho \"$@\" > asked\n");
        var told = new List<GpuLine>();
        var lines = Ask(60, told.Add, ("hf-graph", 8));
        Assert.Equal(told, lines);
        Assert.Null(Assert.Single(lines).Error);
        Assert.Equal("--shape base --seconds 0.5 --variant hf-graph", File.ReadAllText(folder["asked"]).Trim());
        Assert.Equal(["rivals: A card, torch 2.11.0, transformers 5.17"], said);
    }

    [Fact]
    public void One_that_fails_is_a_line_with_its_last_words_for_everything_it_did_not_tell()
    {
        folder.Write("infer.py", $"echo '{Figure}'\necho 'Traceback' >&2\necho 'RuntimeError: no such kernel' >&2\nexit 1\n");
        var lines = Ask(60, _ => { }, ("hf-graph", 8), ("bare-graph", 8), ("hf-graph", 32));
        Assert.Equal([null, "RuntimeError: no such kernel", "RuntimeError: no such kernel"], lines.Select(line => line.Error));
        Assert.Equal([("hf-graph", 8), ("bare-graph", 8), ("hf-graph", 32)], lines.Select(line => (line.Variant, line.Batch)));
    }

    [Fact]
    public void One_that_takes_too_long_is_ended_and_what_it_told_is_kept()
    {
        folder.Write("infer.py", $"echo '{Figure}'\nsleep 300\n");
        var lines = Ask(2, _ => { }, ("hf-graph", 8), ("hf-compile", 8));
        Assert.Equal([null, "not reached in 2 s"], lines.Select(line => line.Error));
    }

    [Fact]
    public void Without_torch_they_are_asked_once()
    {
        folder.Write("infer.py", "echo x >> asked\necho \"ModuleNotFoundError: No module named 'torch'\" >&2\nexit 1\n");
        var rivals = new Rivals("sh", folder.Path, said.Add);
        for (var i = 0; i < 3; i++) Assert.Empty(rivals.Run("infer.py", [new("steps", "base", 1, GpuLine.Them, "hf-graph")], 60, _ => { }));
        Assert.False(rivals.AreHere);
        Assert.Equal(["ours alone: ModuleNotFoundError: No module named 'torch'"], said);
        Assert.Equal("x", File.ReadAllText(folder["asked"]).Trim());
    }

    [Theory]
    [InlineData("sh", null, "--rivals DIR")]
    [InlineData("sh", "/nowhere", "/nowhere is not there")]
    [InlineData("no-such-python", "/", "no-such-python: ")]
    public void Where_they_are_not_that_is_a_remark(string python, string? place, string expected)
    {
        Assert.Empty(new Rivals(python, place, said.Add).Run("infer.py", [new("steps", "base", 1, GpuLine.Them, "hf-graph")], 60, _ => { }));
        Assert.Contains(expected, Assert.Single(said), StringComparison.Ordinal);
    }

    private IReadOnlyList<GpuLine> Ask(double seconds, Action<GpuLine> each, params (string Variant, int Batch)[] expected) =>
        new Rivals("sh", folder.Path, said.Add).Run("infer.py", [.. expected.Select(one => new GpuLine("steps", "base", one.Batch, GpuLine.Them, one.Variant))], seconds, each, "--seconds", "0.5");
}
