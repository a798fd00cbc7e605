using Rmt.Adapter;
using Rmt.Host.Demonstration;
using Rmt.Host.Output;
using Rmt.Host.Tests.Doubles;
using Rmt.Testing;

namespace Rmt.Host.Tests;

public sealed class DemoTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static Session Asked(bool onTerminal = false) => new() { Classifier = _ => TaskModels.Create(), OnTerminal = onTerminal };

    private static MemoryTask Task(DocumentClassifier classifier, ulong seed, IBackground? background = null) =>
        new MemoryTasks(classifier.Tokenizer, background ?? TextBackground.Generated(classifier.Tokenizer), 41).Detect(FactPlacement.RandomSegments, TaskSplit.Validation, seed);

    [Fact]
    public void A_draw_is_a_sample_that_training_never_sees_and_its_answer_the_models()
    {
        using var classifier = TaskModels.Create();
        using var session = Asked();
        Assert.Equal(ExitCode.Ok, session.Run("demo", "--segments", "5", "--draws", "12", "--seed", "3"));
        Assert.Equal(12, session.Records.Count);
        foreach (var (i, record) in session.Records.Index())
        {
            var sample = Task(classifier, seed: 3).Sample(i, 5);
            using var alone = new SegmentScheduler(classifier.Model, classifier.Segmenter, 1);
            _ = alone.Add(sample.Tokens);
            IReadOnlyList<SegmentReading> last = [];
            while (alone.Count > 0)
                last = alone.Step();
            var answer = new Prediction(classifier.Labels, last[0].Logits).Label;
            Assert.Equal(["segments", "question", "answer", "expected", "right", "seconds"], record.EnumerateObject().Select(property => property.Name));
            Assert.Equal((5, sample.Problem.Question, answer, sample.Problem.Answer, answer == sample.Problem.Answer),
                (record.GetProperty("segments").GetInt32(), record.GetProperty("question").GetString(), record.GetProperty("answer").GetString(), record.GetProperty("expected").GetString(), record.GetProperty("right").GetBoolean()));
        }
        Assert.Equal($"rmt: {session.Records.Count(record => record.GetProperty("right").GetBoolean())} of 12 right\n", session.Error);
    }

    [Fact]
    public void On_a_terminal_it_tells_what_was_hidden_where_and_what_every_segment_left()
    {
        using var classifier = TaskModels.Create();
        var sample = Task(classifier, seed: 0).Sample(0, 6);
        var draw = Draw.Of(classifier, sample, TimeProvider.System, () => { }, CancellationToken.None);
        Assert.Equal(sample.FactsAt[0] / 41, draw.FactSegment);
        using var session = Asked(onTerminal: true);
        Assert.Equal(ExitCode.Ok, session.Run("demo", "--segments", "6", "--draws", "1"));
        foreach (var words in new[] { "Draw 1 of 1: 6 segments, 244 tokens", $"in segment {draw.FactSegment + 1}   {sample.Problem.Facts[0]}", sample.Problem.Question, $"how likely {sample.Problem.Answer}", "the question", "█" })
            Assert.Contains(words, session.Out, StringComparison.Ordinal);
        var rows = session.Out.Split('\n').Where(line => line.TrimStart() is [>= '0' and <= '9', ..]).ToList();
        Assert.Equal(draw.Segments.Select(segment => segment.Says), rows.Select(row => row.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).First(MovingFacts.Labels.Names.Contains)));
        Assert.EndsWith(" of 1 right\n", session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_long_text_the_ends_the_fact_and_some_between_are_shown()
    {
        foreach (var (count, fact) in new[] { (16, 3), (17, 16), (100, 0), (4096, 1234) })
        {
            var shown = DrawStory.Shown(count, fact);
            Assert.InRange(shown.Count, 12, 16);
            Assert.All(shown.Zip(shown.Skip(1)), gap => Assert.InRange(gap.Second - gap.First, 1, count / 11 + 1));
            Assert.Superset(new HashSet<int> { 0, fact, count - 1 }, shown.ToHashSet());
            Assert.All(shown, i => Assert.InRange(i, 0, count - 1));
        }
    }

    [Fact]
    public void The_fact_can_be_hidden_in_a_text_of_ones_own()
    {
        var path = _folder.Write("b.txt", string.Concat(Enumerable.Repeat("An honest sentence about nothing at all. ", 30)));
        using var classifier = TaskModels.Create();
        using var session = Asked();
        Assert.Equal(ExitCode.Ok, session.Run("demo", "--background", path, "--draws", "1", "--segments", "2"));
        Assert.Equal(Task(classifier, 0).Sample(0, 2).Problem.Question, session.Records[0].GetProperty("question").GetString());
        using var blank = Asked();
        Assert.Equal(ExitCode.InputUnreadable, blank.Run("demo", "--background", _folder.Write("blank.txt", " \n ")));
        Assert.StartsWith($"rmt: {_folder["blank.txt"]}: the background text has no token", blank.Error, StringComparison.Ordinal);
        using var none = Asked();
        Assert.Equal(ExitCode.InputUnreadable, none.Run("demo", "--background", _folder["none.txt"]));
    }

    [Fact]
    public void A_model_with_other_labels_is_refused_by_name()
    {
        using var session = new Session();
        Assert.Equal(ExitCode.ModelNotLoadable, session.Run("demo", "--model", "m"));
        Assert.StartsWith("rmt: m: ", session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Ctrl_C_ends_it_after_the_draws_that_are_told()
    {
        Session? asked = null;
        using var session = asked = new Session { Classifier = _ => TaskModels.Create(), OnRecord = () => asked!.Cancellation.Cancel() };
        Assert.Equal(ExitCode.Cancelled, session.Run("demo", "--draws", "5", "--segments", "2"));
        Assert.Single(session.Records);
        Assert.Contains("rmt: cancelled, ending after the step in progress: 1 of 5 samples", session.Error, StringComparison.Ordinal);
        Assert.Contains(" of 1 right\n", session.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "        ")]
    [InlineData(1, "████████")]
    [InlineData(0.5, "████    ")]
    [InlineData(0.515625, "████▏   ")]
    [InlineData(2, "████████")]
    [InlineData(double.NaN, "        ")]
    public void A_bar_is_as_long_as_its_share(double share, string bar) => Assert.Equal(bar, Bar.Of(share, 8));
}
