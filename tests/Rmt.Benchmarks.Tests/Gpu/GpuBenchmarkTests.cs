using System.Text.Json;
using Rmt.Adapter;
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
        var (_, records, _) = Runs.Of([.. new[] { "steps", "document", "mixed", "training" }.Select(Runs.Part)], new Rivals("sh", folder.Path, _ => { }), limit: 600, Small);
        Assert.All(records, record => Assert.Equal("gpu", record.Text("benchmark")));
        var lines = records.Where(record => record.TryGetProperty("who", out _)).ToArray();
        Assert.All(lines, line => Assert.True(line.IsNull("error"), line.ToString()));

        var ours = lines.Where(line => line.Text("who") == "ours").ToArray();
        Assert.Equal(["document", "document, from text", "steps", "training"], ours.Select(line => line.Text("part")).Distinct().Order());
        Assert.Equal(Runs.Ways.Append("exact, masked").SelectMany(way => new[] { (way, 1), (way, 2) }),
            ours.Where(line => line.Text("part") == "steps").Select(line => (line.Text("variant"), (int)line.Number("batch"))));
        Assert.All(ours, line => Assert.InRange(line.Number("ms"), 1e-3, 1e5));
        Assert.All(ours.Where(line => line.Text("part") == "steps"), line => Assert.Equal(1000 * 499 * line.Number("batch") / line.Number("ms"), line.Number("tokens_per_s"), 0.01 * line.Number("tokens_per_s")));
        Assert.Equal(Runs.Ways.Select(way => (way, 3)), ours.Where(line => line.Text("part") == "document").Select(line => (line.Text("variant"), (int)line.Number("calls"))));

        var theirs = lines.Where(line => line.Text("who") == "rival").ToArray();
        Assert.Equal(5 * 2, theirs.Count(line => line.Text("part") == "steps"));
        Assert.Equal(5, theirs.Count(line => line.Text("part") == "document"));
        Assert.Equal(6, theirs.Count(line => line.Text("part") == "training"));
        // What is compiled comes behind everything else, and comparisons behind that.
        var compiled = Array.FindIndex([.. records], record => record.TryGetProperty("variant", out var variant) && variant.ToString().EndsWith("compile", StringComparison.Ordinal));
        Assert.All(records.Take(compiled), record => Assert.False(record.TryGetProperty("best_rival", out _)));
        Assert.All(records.Skip(compiled).Where(record => record.TryGetProperty("who", out _)), record => Assert.EndsWith("compile", record.Text("variant"), StringComparison.Ordinal));

        var comparisons = records.Where(record => record.TryGetProperty("best_rival", out _)).ToArray();
        string[] read = [.. Runs.Ways.Skip(1)];         // but for layer by layer
        Assert.Equal([.. read.Select(way => $"document {way}"), .. read.Concat(read).Order().Select(way => $"steps {way}"), "training plain", "training recompute", "training replay"],
            comparisons.Select(record => $"{record.Text("part")} {record.Text("ours")}").Order(StringComparer.Ordinal));
        Assert.All(comparisons, record => Assert.Equal(record.Number("rival_ms") / record.Number("ours_ms"), record.Number("rival_over_ours"), 0.01 * record.Number("rival_over_ours") + 1e-4));
        Assert.All(comparisons.Where(record => record.Text("part") == "document"), record => Assert.Equal(500, record.Number("rival_ms")));
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
        var (right, records, _) = Runs.Of([Runs.Part("steps")], new Rivals("sh", folder.Path, _ => { }), limit: 600, "--batch", "2", "--seconds", "0.01", "--pairs", "2", "--variant", "hf-graph,hf-compile");
        Assert.True(right);
        Assert.Equal([.. Runs.Ways, "exact, masked", "hf-graph", .. Runs.Ways, "exact, masked", "hf-graph", "hf-compile"],
            records.Where(record => record.TryGetProperty("who", out _)).Select(record => record.Text("variant")));
        var best = records.Where(record => record.TryGetProperty("who", out _) && record.Text("variant") == "exact").Min(record => record.Number("ms"));
        Assert.Equal(best, Assert.Single(records, record => record.TryGetProperty("best_rival", out _) && record.Text("ours") == "exact").Number("ours_ms"));
    }

    [Fact]
    public void Float16_is_only_read_in()
    {
        var (right, records, remarks) = Runs.Of([Runs.Part("training")], "--dtype", "fp16");
        Assert.True(right);
        Assert.Empty(records);
        Assert.Contains("training: left out, it learns in bf16 or fp32", remarks, StringComparison.Ordinal);
        Assert.Contains("--dtype fp16", Assert.Throws<FormatException>(() => Options.Parse(["segment", "--dtype", "fp16"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_rivals_ours_stands_alone()
    {
        var (right, records, remarks) = Runs.Of([Runs.Part("document")], Small);
        Assert.True(right);
        Assert.Contains($"ours alone: {Runs.NoRivals} is not there", remarks, StringComparison.Ordinal);
        var comparison = Assert.Single(records, record => record.TryGetProperty("best_rival", out _) && record.Text("ours") == "exact");
        Assert.True(comparison.IsNull("best_rival") && comparison.IsNull("rival_over_ours") && !comparison.IsNull("ours_ms"));
        Assert.Contains("document, from text", remarks, StringComparison.Ordinal);      // the table
    }

    [Fact]
    public void A_processor_is_not_made_to_fail()
    {
        var (right, records, remarks) = Runs.Of([Runs.Part("fault")], Small);
        Assert.True(right);
        Assert.Empty(records);
        Assert.Contains("fault: left out", remarks, StringComparison.Ordinal);
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
    public void A_saved_model_and_documents_are_read_in_several_precisions()
    {
        using var folder = new TempFolder();
        SmallModel.Save(Directory.CreateDirectory(folder["model"]).FullName);
        folder.Write("documents.jsonl", string.Concat(Enumerable.Range(1, 6).Select(i => $$"""{"id": {{i}}, "text": "{{string.Concat(Enumerable.Repeat("aaa aab aac abc ", 30 * i))}}"}""" + "\n")) + "\n");
        folder.Write("one.jsonl", "{\"text\": \"aab\"}\n");
        var (right, records, _) = Runs.Of([Runs.Part("precision")], "--model", folder["model"], "--data", $"{folder["documents.jsonl"]},{folder["one.jsonl"]}", "--batch", "4");
        string[] types = ["float32, weights of bfloat16", .. Runs.Ways.Select(way => $"bfloat16, {way}")];
        Assert.Equal(["float32", .. types], records.Where(record => record.TryGetProperty("segments_per_s", out _)).Select(record => record.Text("type")));
        var differences = records.Where(record => record.TryGetProperty("largest_difference", out _)).ToArray();
        Assert.Equal(types, differences.Select(record => record.Text("type")));
        Assert.All(differences, record => Assert.Equal(7, record.Number("documents")));
        Assert.All(differences, record => Assert.InRange(record.Number("largest_difference"), 1e-9, 0.1));
        // Beside the same weights in float32 it is another distance.
        Assert.All(differences[1..], record => Assert.InRange(record.Number("arithmetic_largest"), 1e-9, 0.1));
        Assert.All(differences[1..], record => Assert.NotEqual(record.Number("largest_difference"), record.Number("arithmetic_largest")));
        // On a CPU both are one and the same.
        Assert.Equal(differences[1].Number("largest_difference"), differences[2].Number("largest_difference"));
        Assert.True(right);
        Assert.Equal(("True", "True"), (differences[2].Text("no_worse_than_plain"), differences[2].Text("arithmetic_no_worse")));
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
        var (right, records, remarks) = Runs.Of([Runs.Part("steps")], rivals: null, limit: 0, Small);
        Assert.True(right);
        Assert.Empty(records);
        Assert.Contains("steps: left out, --limit 0 is over", remarks, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--parts", "step", "--parts is one or more of steps, document, mixed")]
    [InlineData("--parts", "steps,soak,steps", "--parts names steps twice")]
    [InlineData("--parts", "steps:soon", "--parts takes a number greater than 0, found 'soon'")]
    [InlineData("--gelu", "tanh", "--gelu is one or more of exact, fast")]
    [InlineData("--gelu", "exact,fast", "--gelu takes one form")]
    [InlineData("--variant", "fastest", "--variant is one or more of hf-graph")]
    [InlineData("--steps", "0.5", "--steps takes a whole number")]
    public void Options_are_checked(string name, string value, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => Options.Parse(["gpu", name, value])).Message, StringComparison.Ordinal);

    [Fact]
    public void What_was_given_is_known()
    {
        var options = Options.Parse(["gpu", "--batch", "4", "--parts", "steps:90,soak", "--steps", "7", "--gelu", "fast"]);
        Assert.Equal(["--batch", "--gelu", "--parts", "--steps"], options.Given.Order());
        Assert.Equal((7, GeluForm.Fast), (options.Steps, options.Gelu));
        Assert.Equal([("soak", null), ("steps", 90)], options.Parts.Select(part => (part.Key, part.Value)).OrderBy(part => part.Key));
    }

    [Fact]
    public void Of_two_forms_of_gelu_the_one_that_is_asked_for_is_read()
    {
        Assert.Equal(["plain", "exact", "fast"], Asked().Ways.Select(way => way.Name));
        Assert.Equal(["plain", "exact"], Asked("--gelu", "exact").Ways.Select(way => way.Name));
        Assert.Equal(["plain", "fast"], Asked("--gelu", "fast").Ways.Select(way => way.Name));
        Assert.Equal(("exact", "exact", "fast"), (Asked().Way.Name, Asked("--gelu", "exact").Way.Name, Asked("--gelu", "fast").Way.Name));
    }

    [Fact]
    public void In_short_everything_is_less_but_for_what_is_said()
    {
        var (whole, less, said) = (Asked(), Asked("--short"), Asked("--short", "--steps", "77", "--segments", "9", "--seconds", "2", "--shape", "mini", "--variant", "hf-compile"));
        Assert.Equal((4096, 100_000, 1, 2), (whole.Segments, whole.Steps, whole.Seconds, whole.Shapes.Count));
        Assert.True(less.Segments < 1000 && less.Steps < 20_000 && less.Seconds < 1 && less.Shapes.Count == 1);
        Assert.Equal(["hf-graph", "bare-graph", "bare-plain", "bare-checkpoint", "bare-replay"], less.Variants);
        Assert.Equal((9, 77, 2, "mini"), (said.Segments, said.Steps, said.Seconds, said.Shape));
        Assert.Equal(["hf-compile"], said.Variants);
    }

    private static GpuRun Asked(params string[] arguments) =>
        new(Options.Parse(["gpu", .. arguments]), new Report("gpu", TextWriter.Null, TextWriter.Null), new Rivals("sh", Runs.NoRivals, _ => { }), new(1));

    private sealed class Endless : IGpuPart
    {
        public string Name => "mixed";

        public bool Run(GpuRun run)
        {
            _ = run.Measure(new(Name, "tiny", 1, GpuLine.Us, "first"), line => line with { Milliseconds = 1 });
            while (true) run.Limit.ThrowIfOver();
        }
    }

    [Fact]
    public void A_part_that_takes_longer_than_it_may_is_ended_keeps_its_lines_and_makes_nothing_wrong()
    {
        var (right, records, _) = Runs.Of([new Endless(), Runs.Part("precision")], "--parts", "mixed:0.1,precision");
        Assert.True(right);
        Assert.Equal("first", records[0].Text("variant"));
        Assert.Equal(("mixed", "not reached in 0 s"), (records[1].Text("part"), records[1].Text("error")));
    }

    [Fact]
    public void Lines_for_which_there_is_no_time_say_so()
    {
        var (right, records, _) = Runs.Of([Runs.Part("document"), Runs.Part("training")], [.. Small, "--parts", "document:0.000001,training:0.000001"]);
        Assert.True(right);
        Assert.All(records.Where(record => record.TryGetProperty("who", out _)), line => Assert.Equal("not reached in 0 s", line.Text("error")));
        Assert.Equal(Runs.Ways.Count + 1 + 3, records.Count(record => record.TryGetProperty("who", out _)));
    }
}
