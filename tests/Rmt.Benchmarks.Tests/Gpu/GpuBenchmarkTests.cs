using System.Text.Json;
using Rmt.Benchmarks.Gpu;
using Rmt.Testing;

namespace Rmt.Benchmarks.Tests.Gpu;

public sealed class GpuBenchmarkTests
{
    private static readonly string[] Small = ["--batch", "1,2", "--seconds", "0.01", "--segments", "3", "--steps", "40"];

    // A rival that answers whatever is asked of it in the form of infer.py and train.py.
    private const string Rival = """
        shape=$2; shift 2; batch=; segments=
        while [ $# -gt 0 ]; do case $1 in --batch) shift; while [ $# -gt 0 ] && [ "${1#--}" = "$1" ]; do batch="$batch $1"; shift; done;; --segments) segments=$2; shift 2;; --variant) shift; variants="$*"; shift $#;; *) shift;; esac; done
        for b in $batch; do for v in $variants; do
        document=; [ "$b" = 1 ] && document=", \"segments\": $segments, \"tokens\": 1497, \"wall_s\": 0.5"
        echo "{\"variant\": \"$v\", \"batch\": $b, \"ms\": 5.5, \"ms_least\": 5, \"calls\": 9, \"tokens_per_s\": 1000, \"peak_mib\": 77$document}"; done; done
        """;

    [Fact]
    public void Every_part_tells_its_lines_on_a_cpu_too()
    {
        using var folder = new TempFolder();
        folder.Write("infer.py", Rival);
        folder.Write("train.py", Rival);
        var (_, records, _) = Runs.Of([.. new[] { "step", "document", "mixed", "training" }.Select(Runs.Part)], new Rivals("sh", folder.Path, _ => { }), limit: 600, Small);
        Assert.All(records, record => Assert.Equal("gpu", record.Text("benchmark")));
        var lines = records.Where(record => record.TryGetProperty("who", out _)).ToArray();
        Assert.All(lines, line => Assert.True(line.IsNull("error"), line.ToString()));

        var ours = lines.Where(line => line.Text("who") == "ours").ToArray();
        Assert.Equal(["document", "document, from text", "step", "training"], ours.Select(line => line.Text("part")).Distinct().Order());
        Assert.Equal([("plain", 1), ("plain", 2), ("exact", 1), ("exact", 2), ("exact, masked", 1), ("exact, masked", 2)],
            ours.Where(line => line.Text("part") == "step").Select(line => (line.Text("variant"), (int)line.Number("batch"))));
        Assert.All(ours, line => Assert.InRange(line.Number("ms"), 1e-3, 1e5));
        Assert.All(ours.Where(line => line.Text("part") == "step"), line => Assert.Equal(1000 * 499 * line.Number("batch") / line.Number("ms"), line.Number("tokens_per_s"), 0.01 * line.Number("tokens_per_s")));
        Assert.Equal(3, Assert.Single(ours, line => line.Text("part") == "document").Number("calls"));

        var theirs = lines.Where(line => line.Text("who") == "rival").ToArray();
        Assert.Equal(5 * 2, theirs.Count(line => line.Text("part") == "step"));
        Assert.Equal(5, theirs.Count(line => line.Text("part") == "document"));
        Assert.Equal(6, theirs.Count(line => line.Text("part") == "training"));
        // What is compiled comes behind everything else, and comparisons behind that.
        var compiled = Array.FindIndex([.. records], record => record.TryGetProperty("variant", out var variant) && variant.ToString().EndsWith("compile", StringComparison.Ordinal));
        Assert.All(records.Take(compiled), record => Assert.False(record.TryGetProperty("best_rival", out _)));
        Assert.All(records.Skip(compiled).Where(record => record.TryGetProperty("who", out _)), record => Assert.EndsWith("compile", record.Text("variant"), StringComparison.Ordinal));

        var comparisons = records.Where(record => record.TryGetProperty("best_rival", out _)).ToArray();
        Assert.Equal(["document exact", "step exact", "step exact", "training plain", "training recompute", "training replay"], comparisons.Select(record => $"{record.Text("part")} {record.Text("ours")}").Order());
        Assert.All(comparisons, record => Assert.Equal(record.Number("rival_ms") / record.Number("ours_ms"), record.Number("rival_over_ours"), 0.01 * record.Number("rival_over_ours") + 1e-4));
        Assert.Equal(500, comparisons.Single(record => record.Text("part") == "document").Number("rival_ms"));
        Assert.Equal("hf-plain", comparisons.Single(record => record.Text("ours") == "plain").Text("best_rival"));
        Assert.Equal("hf-checkpoint", comparisons.Single(record => record.Text("ours") == "replay").Text("best_rival"));

        var mixed = records.Where(record => record.TryGetProperty("of_full", out _)).ToArray();
        Assert.Equal(["mixed", "reviews"], mixed.Select(record => record.Text("lengths")));
        Assert.All(mixed, record => Assert.Equal(record.Number("segments_per_s") / record.Number("full_segments_per_s"), record.Number("of_full"), 1e-2));
        Assert.All(mixed, record => Assert.InRange(record.Number("fill"), 1e-3, 1));
    }

    [Fact]
    public void Steps_are_measured_in_turns_as_often_as_is_asked_and_what_is_compiled_once()
    {
        using var folder = new TempFolder();
        folder.Write("infer.py", Rival);
        var (right, records, _) = Runs.Of([Runs.Part("step")], new Rivals("sh", folder.Path, _ => { }), limit: 600, "--batch", "2", "--seconds", "0.01", "--pairs", "2", "--variant", "hf-graph,hf-compile");
        Assert.True(right);
        Assert.Equal(["plain", "exact", "exact, masked", "hf-graph", "plain", "exact", "exact, masked", "hf-graph", "hf-compile"],
            records.Where(record => record.TryGetProperty("who", out _)).Select(record => record.Text("variant")));
        var best = records.Where(record => record.TryGetProperty("who", out _) && record.Text("variant") == "exact").Min(record => record.Number("ms"));
        Assert.Equal(best, Assert.Single(records, record => record.TryGetProperty("best_rival", out _)).Number("ours_ms"));
    }

    [Fact]
    public void Without_rivals_ours_stands_alone()
    {
        var (right, records, remarks) = Runs.Of([Runs.Part("document")], Small);
        Assert.True(right);
        Assert.Contains($"ours alone: {Runs.NoRivals} is not there", remarks, StringComparison.Ordinal);
        var comparison = Assert.Single(records, record => record.TryGetProperty("best_rival", out _));
        Assert.True(comparison.IsNull("best_rival") && comparison.IsNull("rival_over_ours") && !comparison.IsNull("ours_ms"));
        Assert.Contains("document, from text", remarks, StringComparison.Ordinal);      // the table
    }

    [Fact]
    public void The_soak_tells_a_few_samples_and_whether_memory_was_flat()
    {
        var (_, records, _) = Runs.Of([Runs.Part("soak")], Small);
        Assert.InRange(records.Count(record => record.TryGetProperty("reserved_mib", out _)), 1, 12);
        var verdict = records[^1];
        Assert.InRange(verdict.Number("steps"), 40, 60);
        Assert.Contains("tensors 0", verdict.Text("what"), StringComparison.Ordinal);
        Assert.Contains("resident", verdict.Text("what"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_saved_model_and_documents_are_read_in_three_precisions()
    {
        using var folder = new TempFolder();
        SmallModel.Save(Directory.CreateDirectory(folder["model"]).FullName);
        folder.Write("documents.jsonl", string.Concat(Enumerable.Range(1, 6).Select(i => $$"""{"id": {{i}}, "text": "{{string.Concat(Enumerable.Repeat("aaa aab aac abc ", 30 * i))}}"}""" + "\n")) + "\n");
        var (right, records, _) = Runs.Of([Runs.Part("precision")], "--model", folder["model"], "--data", folder["documents.jsonl"], "--batch", "4");
        Assert.Equal(["float32", "bfloat16, plain", "bfloat16"], records.Where(record => record.TryGetProperty("segments_per_s", out _)).Select(record => record.Text("type")));
        var differences = records.Where(record => record.TryGetProperty("largest_difference", out _)).ToArray();
        Assert.Equal(["bfloat16, plain", "bfloat16"], differences.Select(record => record.Text("type")));
        Assert.All(differences, record => Assert.Equal(6, record.Number("documents")));
        Assert.InRange(differences[0].Number("largest_difference"), 1e-9, 0.1);
        // On a CPU both are one and the same.
        Assert.Equal(differences[0].Number("largest_difference"), differences[1].Number("largest_difference"));
        Assert.True(right);
        Assert.Equal("True", differences[1].Text("no_worse_than_plain"));
    }

    [Fact]
    public void Documents_that_are_none_are_named_by_their_line()
    {
        using var folder = new TempFolder();
        var file = folder.Write("documents.jsonl", "{\"text\": \"a\"}\n\n{\"label\": 1}\n");
        Assert.Equal($"{file}:3: expected an object with \"text\"", Assert.Throws<IOException>(() => PrecisionPart.Texts(file)).Message);
    }

    private sealed class Broken : IGpuPart
    {
        public string Name => "broken";
        public bool Run(GpuRun run) => throw new IOException("the disk is gone\nfor good");
    }

    [Fact]
    public void A_part_that_fails_is_a_line_and_the_others_go_on()
    {
        var (right, records, remarks) = Runs.Of([new Broken(), Runs.Part("precision")]);
        Assert.False(right);
        Assert.Equal(("broken", "the disk is gone"), (records[0].Text("part"), records[0].Text("error")));
        Assert.Contains("precision: left out", remarks, StringComparison.Ordinal);
    }

    [Fact]
    public void What_no_longer_fits_is_left_out_and_said()
    {
        var (right, records, remarks) = Runs.Of([Runs.Part("step")], rivals: null, limit: 0, Small);
        Assert.True(right);
        Assert.Empty(records);
        Assert.Contains("step: left out, --limit 0 is over", remarks, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--part", "steps", "--part is one or more of step, document, mixed")]
    [InlineData("--variant", "fastest", "--variant is one or more of hf-graph")]
    [InlineData("--steps", "0.5", "--steps takes a whole number")]
    public void Options_are_checked(string name, string value, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => Options.Parse(["gpu", name, value])).Message, StringComparison.Ordinal);

    [Fact]
    public void What_was_given_is_known()
    {
        var options = Options.Parse(["gpu", "--batch", "4", "--part", "step,soak", "--steps", "7"]);
        Assert.Equal(["--batch", "--part", "--steps"], options.Given.Order());
        Assert.Equal((7, 2), (options.Steps, options.Parts.Count));
    }
}
