using Rmt.Adapter;
using Rmt.Host.Evaluation;
using Rmt.Host.Output;
using Rmt.Host.Tests.Doubles;
using Rmt.Testing;

namespace Rmt.Host.Tests.Evaluation;

public sealed class EvaluateTaskTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static Session Asked(Func<string?, DocumentClassifier>? classifier = null) => new() { Classifier = classifier ?? (_ => TaskModels.Create()) };

    /// <summary>Right answers of samples 0 … n − 1, each a document of its own.</summary>
    private static int Right(DocumentClassifier classifier, Func<MemoryTasks, MemoryTask> choose, int segments, int samples)
    {
        var task = choose(new(classifier.Tokenizer, TextBackground.Generated(classifier.Tokenizer), 41));
        var right = 0;
        for (var i = 0; i < samples; i++)
        {
            var sample = task.Sample(i, segments);
            using var alone = new SegmentScheduler(classifier.Model, classifier.Segmenter, 1);
            _ = alone.Add(sample.Tokens);
            IReadOnlyList<SegmentReading> last = [];
            while (alone.Count > 0)
                last = alone.Step();
            right += new Prediction(classifier.Labels, last[0].Logits).Label == sample.Problem.Answer ? 1 : 0;
        }
        return right;
    }

    [Fact]
    public void A_record_has_the_documented_keys_in_their_order_and_the_interval_of_what_was_right()
    {
        using var session = new Session { Classifier = _ => TaskModels.Create(), Notes = new("detect", 3) };
        Assert.Equal(ExitCode.Ok, session.Run("evaluate", "--task", "detect", "--protocol", "first", "--segments", "2", "--samples", "12", "--model", "m"));
        var record = Assert.Single(session.Records);
        Assert.Equal(["task", "segments", "protocol", "samples", "accuracy", "right", "low", "high", "model", "trained_segments"], record.EnumerateObject().Select(property => property.Name));
        var right = record.GetProperty("right").GetInt32();
        var (low, high) = new Proportion(right, 12).Interval();
        Assert.Equal((12, right / 12.0, low, high), (record.GetProperty("samples").GetInt32(), record.GetProperty("accuracy").GetDouble(), record.GetProperty("low").GetDouble(), record.GetProperty("high").GetDouble()), Close);
        Assert.Equal(("m", 3), (record.GetProperty("model").GetString(), record.GetProperty("trained_segments").GetInt32()));

        static bool Close((int, double, double, double) a, (int, double, double, double) b) =>
            a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 1e-6 && Math.Abs(a.Item3 - b.Item3) < 1e-6 && Math.Abs(a.Item4 - b.Item4) < 1e-6;
    }

    [Fact]
    public void Accuracy_is_that_of_every_sample_alone_whatever_the_batch_and_the_threads()
    {
        using var classifier = TaskModels.Create();
        var expected = new[] { FactPlacement.FirstSegment, FactPlacement.RandomSegments }.SelectMany(facts => new[] { 1, 3, 5 }.Select(segments =>
            Right(classifier, tasks => tasks.Detect(facts, TaskSplit.Validation, seed: 4), segments, segments == 5 ? 9 : 24))).ToList();
        Assert.True(expected.Distinct().Count() > 1, "a model that always says the same proves little");
        foreach (var (batch, threads) in new[] { ("1", "1"), ("7", "2"), ("64", "3") })
        {
            using var session = Asked();
            Assert.Equal(ExitCode.Ok, session.Run("evaluate", "--task", "detect", "--segments", "5,1,3", "--samples", "24,9@4", "--seed", "4", "--batch", batch, "--threads", threads));
            Assert.Equal(expected, session.Records.Select(record => record.GetProperty("right").GetInt32()));
            Assert.Equal(["first 1 24", "first 3 24", "first 5 9", "random 1 24", "random 3 24", "random 5 9"],
                session.Records.Select(record => $"{record.GetProperty("protocol")} {record.GetProperty("segments")} {record.GetProperty("samples")}"));
        }
    }

    [Fact]
    public void Memorisation_has_one_protocol_and_may_ask_of_withheld_pairs_only()
    {
        using var classifier = TaskModels.Create();
        using var session = Asked();
        Assert.Equal(ExitCode.Ok, session.Run("evaluate", "--task", "memorize", "--segments", "2", "--samples", "30", "--withhold-pairs"));
        var record = Assert.Single(session.Records);
        Assert.Equal(("front", Right(classifier, tasks => tasks.Memorize(TaskSplit.Validation, seed: 0, withholdPairs: true), 2, 30)), (record.GetProperty("protocol").GetString(), record.GetProperty("right").GetInt32()));
    }

    [Fact]
    public void Labels_are_matched_by_name_in_any_order()
    {
        using var session = Asked(_ => TaskModels.Create(MovingFacts.Labels.Names.Reverse()));
        using var classifier = TaskModels.Create(MovingFacts.Labels.Names.Reverse());
        Assert.Equal(ExitCode.Ok, session.Run("evaluate", "--task", "reason", "--protocol", "random", "--segments", "2", "--samples", "30"));
        Assert.Equal(Right(classifier, tasks => tasks.Reason(FactPlacement.RandomSegments, TaskSplit.Validation, seed: 0), 2, 30), session.Records[0].GetProperty("right").GetInt32());
    }

    [Fact]
    public void Reasoning_can_be_asked_of_a_table_of_problems()
    {
        var path = _folder.Write("two.csv", "fact1,fact2,question,answer\nThe garden is north of the office.,The office is north of the kitchen.,What is north of the kitchen?,office\n");
        using var session = Asked();
        Assert.Equal(ExitCode.Ok, session.Run("evaluate", "--task", "reason", "--problems", path, "--protocol", "first", "--segments", "1", "--samples", "5"));
        Assert.Contains(session.Records[0].GetProperty("right").GetInt32(), new[] { 0, 5 });     // one problem, and in one segment nearly one sample
        using var bad = Asked();
        Assert.Equal(ExitCode.InputUnreadable, bad.Run("evaluate", "--task", "reason", "--problems", _folder.Write("bad.csv", "a,b\n")));
        Assert.Equal($"rmt: {_folder["bad.csv"]}: line 1 is 'a,b'; expected is fact1,fact2,question,answer\n", bad.Error);
    }

    [Fact]
    public void Several_models_are_measured_one_after_another()
    {
        using var session = Asked(name => TaskModels.Create(seed: name == "one" ? 7 : 8));
        Assert.Equal(ExitCode.Ok, session.Run("evaluate", "--task", "detect", "--protocol", "first", "--model", "one", "--model", "two", "--segments", "1..2", "--samples", "4"));
        Assert.Equal(["one 1", "one 2", "two 1", "two 2"], session.Records.Select(record => $"{record.GetProperty("model")} {record.GetProperty("segments")}"));
    }

    [Theory]
    [InlineData("detect", "neg pos", 48, "rmt: m: its labels are neg, pos; the answers of 'detect' are bathroom, hallway, garden, office, bedroom, kitchen.\n")]
    [InlineData("detect", "bathroom hallway garden office bedroom kitchen cellar", 48, "rmt: m: its labels are bathroom, hallway, garden, office, bedroom, kitchen, cellar; the answers of 'detect' are bathroom, hallway, garden, office, bedroom, kitchen.\n")]
    [InlineData("reason", "bathroom hallway garden office bedroom kitchen", 24, "rmt: m: it cannot be asked 'reason': segments of 17 tokens are too short: facts and question need 25.\n")]
    public void A_model_that_cannot_answer_the_task_is_refused_by_name(string task, string labels, int window, string message)
    {
        using var session = Asked(_ => TaskModels.Create(labels.Split(' '), window: window));
        Assert.Equal(ExitCode.ModelNotLoadable, session.Run("evaluate", "--task", task, "--model", "m"));
        Assert.Equal(message, session.Error);
        Assert.Equal("", session.Out);
    }

    [Fact]
    public void A_background_that_is_not_there_is_exit_code_4()
    {
        using var session = Asked();
        Assert.Equal(ExitCode.InputUnreadable, session.Run("evaluate", "--task", "detect", "--background", _folder["none.txt"]));
        Assert.StartsWith($"rmt: {_folder["none.txt"]}: ", session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Ctrl_C_answers_with_what_was_measured_so_far()
    {
        Session? asked = null;
        using var session = asked = new Session { Classifier = _ => TaskModels.Create(), OnRecord = () => asked!.Cancellation.Cancel() };
        Assert.Equal(ExitCode.Cancelled, session.Run("evaluate", "--task", "detect", "--protocol", "first", "--segments", "1,40", "--samples", "6,3@2", "--batch", "8"));
        Assert.Equal([1], session.Records.Select(record => record.GetProperty("segments").GetInt32()));
        Assert.StartsWith("rmt: cancelled, ending after the step in progress: 6 of 9 samples, 8 of 126 segments", session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_has_a_matrix_and_a_figure_a_protocol_and_a_line_a_record()
    {
        using var session = Asked(name => TaskModels.Create(seed: name!.Length));
        Assert.Equal(ExitCode.Ok, session.Run("evaluate", "--task", "detect", "--model", "a", "--model", "a,b|c", "--segments", "1,3", "--samples", "8", "--report", _folder["r.md"]));
        var lines = File.ReadAllLines(_folder["r.csv"]);
        Assert.Equal("task,model,trained_segments,protocol,segments,samples,right,accuracy,low,high", lines[0]);
        Assert.Equal(session.Records.Select(record => string.Join(',', new[] { "segments", "samples", "right" }.Select(key => record.GetProperty(key).ToString()))),
            lines[1..].Select(line => string.Join(',', line.Replace("\"a,b|c\"", "quoted", StringComparison.Ordinal).Split(',')[4..7])));
        var markdown = File.ReadAllLines(_folder["r.md"]);
        Assert.Equal(["## facts in the first segment", "## facts in random segments"], markdown.Where(line => line.StartsWith("## ", StringComparison.Ordinal)));
        Assert.Equal(2, markdown.Count(line => line == "| model | 1 | 3 |"));
        Assert.Equal(2, markdown.Count(line => line.StartsWith(@"| a,b\|c | ", StringComparison.Ordinal)));
        Assert.All(new[] { "r.first.svg", "r.random.svg" }, name => Assert.True(File.Exists(_folder[name])));
    }

    [Fact]
    public void Models_that_say_what_they_were_trained_on_stand_in_that_order()
    {
        var records = new[] { 7, 2 }.Select(trained => new TaskRecord("memorize", 1, "front", 4, 0.5, 2, 0.1, 0.9, $"m{trained}", trained)).ToList();
        new TaskReport(records, "").Write(new(_folder["r.md"]));
        Assert.Equal(["| trained on, segments | 1 |", "| --- | ---: |", "| 2 | 50 |", "| 7 | 50 |"], File.ReadAllLines(_folder["r.md"]).Where(line => line.StartsWith('|')));
        Assert.True(File.Exists(_folder["r.svg"]));
    }
}
