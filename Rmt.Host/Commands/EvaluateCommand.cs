using System.CommandLine;
using System.Globalization;
using Rmt.Host.Evaluation;
using Rmt.Host.Output;
using Rmt.Host.Reading;

namespace Rmt.Host.Commands;

/// <summary><c>rmt evaluate</c>: how often models are right, on samples of a memory task.</summary>
internal sealed class EvaluateCommand(Terminal terminal, IModels models, CancellationToken cancellation)
{
    private readonly CommonOptions _common = new();
    private readonly TaskOptions _task = new();

    private readonly Option<string[]> _models = new("--model")
    {
        HelpName = "DIR|HUB-ID",
        Description = "A saved model, as elsewhere; with --task also several, one --model each. [default: the embedded model]",
    };

    private readonly Option<int> _batch = new("--batch")
    {
        HelpName = "N",
        Description = "Documents that are read side by side, 1 to 4096; with --task as many are held ahead, four bytes a token.",
        DefaultValueFactory = _ => 8,
    };

    public Command Create()
    {
        CommonOptions.Within(_batch, 1, 4096);
        var command = new Verb("evaluate", "Measures how often a model is right.", """
            Example:
              rmt evaluate --task detect --model models/detect --segments 1..7,16,1024 --samples 1000,128@256

            A record a model, protocol and length, as soon as it is known:
              {"task","segments","protocol","samples","accuracy","right","low","high","model","trained_segments"}
            low and high hold the accuracy on endlessly many samples at 95 %. Ctrl-C answers with what was measured so far.
            """)
        {
            _models, _common.Device, _common.Dtype, _common.Threads, _batch, _common.Alignment, _common.Output,
        };
        _task.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_task.Task) is null)
                result.AddError("--task NAME is needed: memorize, detect or reason.");
        });
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string?[] named = parsed.GetValue(_models) is { Length: > 0 } names ? [.. names] : [null];
        using var writer = _common.Writer(parsed, terminal, () => new JsonLinesWriter(terminal.Out), Table);
        foreach (var name in named)
            Measure(parsed, name, writer);
        return ExitCode.Ok;
    }

    private void Measure(ParseResult parsed, string? name, IRecordWriter writer)
    {
        var (batch, threads) = (parsed.GetValue(_batch), parsed.GetValue(_common.Threads));
        var notes = models.Notes(name);
        using var classifier = models.LoadClassifier(_common.Choice(parsed, batch) with { Model = name });
        var measurements = _task.Measurements(parsed, new(name ?? TaskModel.Embedded, classifier));
        var progress = new TaskProgress(terminal, measurements.Sum(one => (long)one.Samples), measurements.Sum(one => (long)one.Samples * one.Segments));
        using var notice = new CancellationNotice(progress.Interrupted, cancellation);
        foreach (var measured in new TaskRun(classifier, batch, threads, progress).Measure(measurements, cancellation))
        {
            progress.Clear();
            writer.Write(TaskRecord.Of(parsed.GetValue(_task.Task)!, measured, name, notes.Segments));
        }
        progress.Clear();
    }

    private TableWriter Table() => new(terminal, ["model", "task", "protocol", "segments", "samples", "accuracy, %", "95 %"], record => record is TaskRecord one
        ? [one.Model ?? "", one.Task, one.Protocol, Number(one.Segments, "N0"), Number(one.Samples, "N0"), SegmentMatrix.Percent(one.Accuracy), $"{SegmentMatrix.Percent(one.Low)} to {SegmentMatrix.Percent(one.High)}"]
        : []);

    private static string Number<T>(T value, string format) where T : IFormattable => value.ToString(format, CultureInfo.InvariantCulture);
}
