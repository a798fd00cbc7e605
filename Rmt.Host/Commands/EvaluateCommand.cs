using System.CommandLine;
using System.Globalization;
using Rmt.Host.Evaluation;
using Rmt.Host.Input;
using Rmt.Host.Output;
using Rmt.Host.Reading;

namespace Rmt.Host.Commands;

/// <summary><c>rmt evaluate</c>: how often models are right, on labelled documents or on samples of a memory task, and what language models lose, on texts.</summary>
internal sealed class EvaluateCommand(Terminal terminal, IModels models, CancellationToken cancellation)
{
    private readonly CommonOptions _common = new();
    private readonly TaskOptions _task = new();

    private readonly Option<string[]> _models = new("--model")
    {
        HelpName = "DIR|HUB-ID",
        Description = "A saved model, as elsewhere; with --task also several, one --model each. [default: the embedded model]",
    };

    private readonly Option<string?> _documents = new("--documents")
    {
        HelpName = "FILE",
        Description = "Labelled documents: JSON lines {\"text\": …, \"label\": …}, or *.csv with a header that names text and label. [default: none]",
    };

    private readonly Option<string?> _texts = new("--texts")
    {
        HelpName = "PATH",
        Description = "Texts for a language model: a text file, a folder of *.txt and *.jsonl, or *.jsonl with {\"text\": …} a line; two at least. [default: none]",
    };

    private readonly Option<string?> _report = new("--report")
    {
        HelpName = "FILE.md",
        Description = "Write a report, and beside it FILE.csv and the figure as FILE.svg, or one a protocol. [default: nothing is written]",
    };

    private readonly Option<int> _batch = new("--batch")
    {
        HelpName = "N",
        Description = "Documents that are read side by side, 1 to 4096; with --task as many are held ahead, four bytes a token.",
        DefaultValueFactory = _ => 8,
    };

    public Command Create()
    {
        var command = new Verb("evaluate", "Measures how often a model is right, on labelled documents or on the paper's memory tasks, and what memory is worth to a language model.", """
            Example:
              rmt evaluate --documents test.jsonl --model models/reviews --report reviews.md
              rmt evaluate --task detect --model models/detect --segments 1..7,16,1024 --samples 1000,128@256 --report detect.md
              rmt evaluate --texts held-out/ --model models/books --report books.md

            Of documents one record:
              {"documents","accuracy","macro_f1","confusion":{LABEL:{TAKEN_FOR:count}}}
            Of a task a record a model, protocol and length, as soon as it is known:
              {"task","segments","protocol","samples","accuracy","right","low","high","model","trained_segments"}
            Of texts, or of --task restate, a record a segment, and one of all segments from the second on:
              {"segment","documents","tokens","carried","reset","other"}
              {"from_segment","documents","tokens","carried","reset","other"}
            These are nats a token: with the memory that was carried there, with the initial memory, with another document's memory of the same place.
            low and high hold the accuracy on endlessly many samples at 95 %. Ctrl-C answers with what was measured so far.
            """)
        {
            _models, _documents, _texts, _report, _common.Device, _common.Dtype, _common.Gelu, _common.Threads, _batch, _common.Alignment, _common.Encoding, _common.Output,
        };
        _task.AddTo(command);
        CommonOptions.Within(_batch, 1, 4096);
        CommonOptions.FileToWrite(_report);
        CommonOptions.Check(_report, path => Path.GetExtension(path) == ".md", "a file FILE.md");
        command.Validators.Add(result =>
        {
            var task = result.GetResult(_task.Task) is not null;
            var asked = new Option[] { _documents, _texts, _task.Task }.Count(option => result.GetResult(option) is not null);
            if (asked != 1)
                result.AddError($"{(asked > 1 ? "either" : "one of")} --documents FILE, --texts PATH {(asked > 1 ? "or" : "and")} --task NAME is needed{(asked > 1 ? ", and no other beside it" : "")}.");
            if (task && result.GetResult(_common.Encoding) is not null)
                result.AddError("--encoding does nothing without --documents FILE or --texts PATH.");
            if ((!task || Language(result)) && result.GetResult(_models) is { Tokens.Count: > 1 })
                result.AddError("several --model are measured on the paper's tasks only.");
        });
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string?[] named = parsed.GetValue(_models) is { Length: > 0 } names ? [.. names] : [null];
        var files = parsed.GetValue(_report) is { } report ? new ReportFiles(report) : null;
        if (parsed.GetValue(_documents) is { } documents)
            ReadDocuments(parsed, documents, named[0], files);
        else if (parsed.GetValue(_texts) is not null || parsed.GetValue(_task.Task) == TaskOptions.Restate)
            ReadTexts(parsed, named[0], files);
        else
            AskTask(parsed, named, files);
        return ExitCode.Ok;
    }

    private void ReadDocuments(ParseResult parsed, string path, string? name, ReportFiles? files)
    {
        var (batch, threads) = (parsed.GetValue(_batch), parsed.GetValue(_common.Threads));
        using var classifier = models.LoadClassifier(_common.Choice(parsed, batch) with { Model = name });
        var run = new LabelledRun(classifier, new(path, parsed.GetValue(_common.Encoding)), path);
        var progress = new Progress(terminal, run.Check());
        using var notice = new CancellationNotice(progress.Interrupted, cancellation);
        try
        {
            run.Read(batch, threads, terminal, progress, cancellation);
        }
        finally
        {
            progress.Clear();
            if (run.Confusion.Count > 0)
            {
                using (var writer = _common.Writer(parsed, terminal, () => new JsonLinesWriter(terminal.Out), () => new ConfusionTables(terminal)))
                    writer.Write(ConfusionRecord.Of(run.Confusion));
                if (files is not null)
                    new ConfusionReport(Path.GetFileName(path), run.Confusion).Write(files);
            }
        }
    }

    private bool Language(System.CommandLine.Parsing.CommandResult result) => result.GetResult(_task.Task) is { Tokens: [{ Value: TaskOptions.Restate }] };

    private void ReadTexts(ParseResult parsed, string? name, ReportFiles? files)
    {
        var batch = parsed.GetValue(_batch);
        var choice = _common.Choice(parsed, batch) with { Model = name };
        using var model = models.LoadLanguageModel(choice);
        var (tokenizer, segmenter) = (model.Tokenizer, choice.Alignment is { } alignment ? new(model.Segmenter.Layout, alignment) : model.Segmenter);
        var path = parsed.GetValue(_texts);
        var (documents, segments) = path is null ? _task.Restated(parsed, tokenizer, segmenter) : (new Texts(path, parsed.GetValue(_common.Encoding)).Read(tokenizer, segmenter), null);
        if (documents.Count < 2)
            throw new InputException($"{path ?? $"--task {TaskOptions.Restate}"}: there is one document; another one's memory needs two or more");
        var run = new LanguageRun(model.Model, segmenter, segments);
        var progress = new TaskProgress(terminal, documents.Count, documents.Sum(document => (long)segmenter.Split(document.Length).Count));
        using var notice = new CancellationNotice(progress.Interrupted, cancellation);
        try
        {
            run.Read(documents, batch, progress, cancellation);
        }
        finally
        {
            progress.Clear();
            if (run.Records is { Count: > 0 } records)
            {
                using (var writer = _common.Writer(parsed, terminal, () => new JsonLinesWriter(terminal.Out), LossTable))
                    foreach (var record in records)
                        writer.Write(record);
                if (files is not null)
                    new LanguageReport(records, path is null ? _task.RestatedSettings(parsed) : $"Texts: {Path.GetFileName(Path.TrimEndingDirectorySeparator(path))}.").Write(files);
            }
        }
    }

    private TableWriter LossTable() => new(terminal, ["segment", "documents", "tokens", "carried", "reset", "another's"], record => record switch
    {
        SegmentLossRecord one => [Number(one.Segment), Number(one.Documents), Number(one.Tokens), LanguageReport.Nats(one.Carried), LanguageReport.Nats(one.Reset), LanguageReport.Nats(one.Other)],
        LaterLossRecord all => [$"from {all.FromSegment} on", Number(all.Documents), Number(all.Tokens), LanguageReport.Nats(all.Carried), LanguageReport.Nats(all.Reset), LanguageReport.Nats(all.Other)],
        _ => [],
    });

    private void AskTask(ParseResult parsed, IReadOnlyList<string?> names, ReportFiles? files)
    {
        var records = new List<TaskRecord>();
        using var writer = _common.Writer(parsed, terminal, () => new JsonLinesWriter(terminal.Out), Table);
        try
        {
            foreach (var name in names)
                Ask(parsed, name, record =>
                {
                    records.Add(record);
                    writer.Write(record);
                });
        }
        finally
        {
            if (files is not null && records.Count > 0)
                new TaskReport(records, _task.Settings(parsed)).Write(files);
        }
    }

    private void Ask(ParseResult parsed, string? name, Action<TaskRecord> tell)
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
            tell(TaskRecord.Of(parsed.GetValue(_task.Task)!, measured, name, notes.Segments));
        }
        progress.Clear();
    }

    private TableWriter Table() => new(terminal, ["model", "task", "protocol", "segments", "samples", "accuracy, %", "95 %"], record => record is TaskRecord one
        ? [one.Model ?? "embedded", one.Task, one.Protocol, Number(one.Segments), Number(one.Samples), SegmentMatrix.Percent(one.Accuracy), $"{SegmentMatrix.Percent(one.Low)} to {SegmentMatrix.Percent(one.High)}"]
        : []);

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
