using System.CommandLine;
using Rmt.Adapter;
using Rmt.Host.Demonstration;
using Rmt.Host.Evaluation;
using Rmt.Host.Output;
using Rmt.Host.Reading;

namespace Rmt.Host.Commands;

/// <summary><c>rmt demo</c>: a fact hidden in a long text, asked for at its end.</summary>
internal sealed class DemoCommand(Terminal terminal, IModels models, CancellationToken cancellation)
{
    private readonly CommonOptions _common = new();

    private readonly Option<int> _segments = new("--segments")
    {
        HelpName = "N",
        Description = $"Length of the text, 1 to {SegmentCounts.Most}.",
        DefaultValueFactory = _ => 16,
    };

    private readonly Option<int> _draws = new("--draws")
    {
        HelpName = "K",
        Description = "How often a fact is hidden, 1 to 10000.",
        DefaultValueFactory = _ => 3,
    };

    private readonly Option<ulong> _seed = new("--seed")
    {
        HelpName = "S",
        Description = "Which facts, places and texts, 0 or more. None of them occurs in training, whatever its seed.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<string> _protocol = new("--protocol")
    {
        Description = "Where the fact is: at the beginning of the first segment or of one that is drawn, or at any token of a text whose first segment has any length.",
        DefaultValueFactory = _ => Protocols.Random,
    };

    private readonly Option<string?> _background = new("--background")
    {
        HelpName = "PATH",
        Description = "Text that the fact is hidden in: a text file, a folder, or a *.jsonl file of documents. [default: sentences that are made up]",
    };

    public Command Create()
    {
        var command = new Verb("demo", "Hides a fact in a long text, asks for it at the end, and shows what memory did on the way.", """
            Example:
              rmt demo --segments 64 --draws 3

            A record a draw:
              {"segments","question","answer","expected","right","seconds"}
            On a terminal it is a story: the hidden sentence, the question, and after each segment how likely the right answer is.
            """)
        {
            _segments, _draws, _seed, _protocol, _background, _common.Model, _common.Device, _common.Dtype, _common.Gelu, _common.Threads, _common.Alignment, _common.Output,
        };
        CommonOptions.Within(_segments, 1, SegmentCounts.Most);
        CommonOptions.Within(_draws, 1, 10_000);
        _ = _protocol.AcceptOnlyFromAmong(Protocols.Names);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var (segments, draws, seed) = (parsed.GetValue(_segments), parsed.GetValue(_draws), parsed.GetValue(_seed));
        using var classifier = models.LoadClassifier(_common.Choice(parsed, batch: 1));
        var model = new TaskModel(parsed.GetValue(_common.Model) ?? TaskModel.Embedded, classifier);
        var tasks = model.Tasks(parsed.GetValue(_background));
        var task = model.Require("detect", () => tasks.Detect(Protocols.Placement(parsed.GetRequiredValue(_protocol)), TaskSplit.Validation, seed));
        var progress = new TaskProgress(terminal, draws, (long)draws * segments);
        using var notice = new CancellationNotice(progress.Interrupted, cancellation);
        var (done, right) = (0, 0);
        var tell = Teller(parsed, draws);
        try
        {
            for (; done < draws; done++)
            {
                cancellation.ThrowIfCancellationRequested();
                var draw = Draw.Of(classifier, task.Sample(done, segments), terminal.Clock, () =>
                {
                    progress.SegmentRead();
                    progress.Show();
                }, cancellation);
                progress.SampleRead();
                progress.Clear();
                right += draw.IsRight ? 1 : 0;
                tell(draw, done + 1);
            }
        }
        finally
        {
            progress.Clear();
            if (done > 0)
                terminal.Error.WriteLine($"rmt: {right} of {done} right");
        }
        return ExitCode.Ok;
    }

    private Action<Draw, int> Teller(ParseResult parsed, int draws)
    {
        if (!_common.IsTable(parsed, terminal))
        {
            var writer = new JsonLinesWriter(terminal.Out);
            return (draw, _) => writer.Write(DemoRecord.Of(draw));
        }
        var story = new DrawStory(terminal);
        return (draw, number) => story.Tell(draw, number, draws);
    }
}
