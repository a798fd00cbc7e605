using System.Text.Json;
using System.Xml.Linq;
using Rmt.Adapter;
using Rmt.Host.Tests.Doubles;
using Rmt.Loaders;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Host.Tests.Tracing;

/// <summary>rmt trace with a small random BERT: m = 4, 17 tokens a segment, 2 layers, 4 heads, H = 16.</summary>
public sealed class TraceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Words(int count) => string.Join(' ', Enumerable.Range(0, count).Select(i => new string('x', 1 + i * i % 40)));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(17, 1)]
    [InlineData(60, 4)]
    public void A_record_a_segment_and_the_last_is_what_classifying_says(int words, int segments)
    {
        using var session = Session.WithInput(Words(words));
        Assert.Equal((ExitCode.Ok, ""), (session.Run("trace", "-"), session.Error));
        Assert.Equal(["segment", "tokens", "label", "scores", "memory_norm", "seconds"], session.Records[0].EnumerateObject().Select(member => member.Name));
        Assert.Equal(Enumerable.Range(0, segments), session.Records.Select(record => record.GetProperty("segment").GetInt32()));
        Assert.Equal(words, session.Records.Sum(record => record.GetProperty("tokens").GetInt32()));
        using var classifier = session.LoadClassifier(session.Choice!);
        var expected = classifier.Classify(Words(words)).Prediction;
        var last = session.Records[^1];
        Assert.Equal(expected.Label, last.GetProperty("label").GetString());
        Assert.Equal(expected.Scores, last.GetProperty("scores").EnumerateObject().Select(score => KeyValuePair.Create(score.Name, score.Value.GetDouble())));
    }

    [Fact]
    public void What_is_saved_hangs_together()
    {
        using var session = Session.WithInput(Words(40));
        Assert.Equal(ExitCode.Ok, session.Run("trace", "-", "--save", _folder["t.safetensors"], "--attention"));
        using var scope = NewDisposeScope();
        using var file = Checkpoint.Open(_folder["t.safetensors"]);
        Assert.Equal(3 * 8, file.Entries.Count);
        for (var t = 0; t < 3; t++)
        {
            var window = 7 + session.Records[t].GetProperty("tokens").GetInt32();
            Tensor Of(string name) => file.Read($"segment.{t}.{name}");
            Assert.Equal([window], Of("input_ids").shape);
            Assert.Equal([1, 0, 0, 0, 0, 2], Of("input_ids").data<long>().ToArray()[..6]);
            Near.Equal(Of("layer.1")[1..5], Of("memory_out"), 0, "memory is the last layer's rows 1 to m");
            if (t > 0) Near.Equal(file.Read($"segment.{t - 1}.memory_out"), Of("memory_in"), 0, "memory goes on");
            Assert.Equal(Of("memory_out").norm().item<float>(), session.Records[t].GetProperty("memory_norm").GetDouble(), 1e-4);
            Near.Equal(tensor(session.Records[t].GetProperty("scores").EnumerateObject().Select(score => score.Value.GetSingle()).ToArray()), Of("logits").softmax(0), 1e-6, "scores");
            for (var layer = 0; layer < 2; layer++)
            {
                Assert.Equal([window, 16], Of($"layer.{layer}").shape);
                Near.Equal(ones([4, window]), Of($"attention.{layer}").sum(-1), 1e-5, "rows of attention");
            }
        }
        Assert.Equal("- 3", $"{file.Files[0].Header.Metadata["source"]} {file.Files[0].Header.Metadata["segments"]}");
        Assert.Equal(["t.safetensors", "t.svg"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Only_the_segments_asked_for_are_saved_and_drawn()
    {
        using var session = Session.WithInput(Words(100));
        Assert.Equal(ExitCode.Ok, session.Run("trace", "-", "--save", _folder["t.safetensors"], "--svg", _folder["other.svg"], "--segments", "1,last", "--head", "all", "--layer", "all"));
        Assert.Equal(6, session.Records.Count);
        using var file = Checkpoint.Open(_folder["t.safetensors"]);
        Assert.Equal(["segment.1.", "segment.5."], file.Entries.Select(entry => entry.Name[..10]).Distinct().Order(StringComparer.Ordinal));
        Assert.DoesNotContain(file.Entries, entry => entry.Name.Contains("attention", StringComparison.Ordinal));
        Assert.Equal(2 * 2 * 4, Headings(_folder["other.svg"]).Count);
    }

    private static List<string> Headings(string svg) =>
        [.. XDocument.Load(svg).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value).Where(text => text.StartsWith("segment ", StringComparison.Ordinal))];

    [Theory]
    [InlineData(30, "0,1")]
    [InlineData(120, "0,1,6,7")]
    public void Without_a_choice_the_first_two_and_the_last_two_are_drawn(int words, string segments)
    {
        using var session = Session.WithInput(Words(words));
        Assert.Equal(ExitCode.Ok, session.Run("trace", "-", "--svg", _folder["a.svg"]));
        Assert.Equal(segments.Split(',').Select(segment => $"segment {segment}, layer 1, mean of heads"), Headings(_folder["a.svg"]));
    }

    [Fact]
    public void A_choice_that_the_document_or_the_model_does_not_have_is_a_mistake_of_usage()
    {
        foreach (var choice in new[] { "--layer 2", "--head 4", "--segments 9", "--positions 24", "--positions 0..99" })
        {
            using var session = Session.WithInput(Words(30));
            Assert.Equal(ExitCode.Usage, session.Run(["trace", "-", "--svg", _folder["a.svg"], .. choice.Split(' ')]));
            Assert.StartsWith($"rmt: {choice}: ", session.Error, StringComparison.Ordinal);
            Assert.Equal("", session.Out);
        }
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("{\"text\":\"a\"}\n{\"text\":\"b\"}\n", "more than one document")]
    [InlineData("", "no document")]
    public void One_document_is_traced(string lines, string problem)
    {
        using var session = new Session();
        Assert.Equal(ExitCode.InputUnreadable, session.Run("trace", _folder.Write("d.jsonl", lines)));
        Assert.Contains(problem, Assert.Single(session.Records).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_read_is_a_record_and_exit_code_4()
    {
        using var session = new Session();
        Assert.Equal(ExitCode.InputUnreadable, session.Run("trace", _folder["nowhere"], "--save", _folder["t.safetensors"]));
        Assert.Equal("no such file or folder", Assert.Single(session.Records).GetProperty("error").GetString());
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Cancelled_it_gives_out_what_was_read_and_leaves_no_file()
    {
        var before = Leaks.Baseline();
        using var output = new CallbackWriter();
        using var error = new StringWriter();
        using var cancellation = new CancellationTokenSource();
        output.Flushed = cancellation.Cancel;
        using var session = new Session();
        using (var terminal = new Terminal { Out = output, Error = error, OpenInput = () => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(Words(100))) })
            Assert.Equal(ExitCode.Cancelled, CommandLine.Run(["trace", "-", "--save", _folder["t.safetensors"]], terminal, session, cancellation.Token));
        Assert.Single(output.ToString().TrimEnd().Split('\n'));
        Assert.Contains("rmt: cancelled, ending after the step in progress: 0 documents done; 1 of 6 segments", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        Leaks.Same(before);
    }

    private sealed class CallbackWriter : StringWriter
    {
        public Action Flushed { get; set; } = () => { };

        public override void Flush() => Flushed();
    }

    [Fact]
    public void On_a_terminal_it_is_a_table()
    {
        using var session = new Session { OnTerminal = true, Input = "a b c"u8.ToArray() };
        Assert.Equal(ExitCode.Ok, session.Run("trace", "-"));
        Assert.Contains("memory norm", session.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void On_the_main_model_the_last_record_is_the_reference_s_answer_and_killing_it_leaves_no_half_file()
    {
        var model = Shared.Path("models", "minilm-rmt-reviews");
        var review = Directory.GetFiles(Shared.Path("data", "reviews", "sample"), "*.txt").Order(StringComparer.Ordinal).First();
        var reference = File.ReadLines(Shared.Path("golden", "reviews-scores.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
            .Single(record => record.GetProperty("id").GetString() == Path.GetFileNameWithoutExtension(review));
        var end = Finished.Rmt("trace", "--model", model, review, "--threads", "1", "--svg", _folder["a.svg"]);
        Assert.Equal(0, end.ExitCode);
        var lines = end.Out.TrimEnd().Split('\n');
        Assert.Equal(reference.GetProperty("segments").GetInt32(), lines.Length);
        foreach (var score in reference.GetProperty("scores").EnumerateObject())
            Assert.Equal(score.Value.GetDouble(), JsonDocument.Parse(lines[^1]).RootElement.GetProperty("scores").GetProperty(score.Name).GetDouble(), 5e-5);
        Assert.True(File.Exists(_folder["a.svg"]));

        _ = _folder.Write("long.txt", string.Join(' ', Enumerable.Repeat("film", 50_000)));
        _ = Finished.Shell($"""
            $RMT trace --model {model} long.txt --threads 1 --save t.safetensors >out & until [ -s out ]; do sleep 0.05; done
            kill -9 $!; wait $!; true
            """, _folder.Path);
        Assert.False(File.Exists(Path.Combine(_folder.Path, "t.safetensors")));
        Assert.Single(Directory.GetFiles(_folder.Path, ".t.safetensors.*"));
    }
}
