using System.CommandLine;
using System.Globalization;
using Rmt.Adapter;
using Rmt.Host.Evaluation;
using Rmt.Host.Output;
using Rmt.Host.Reading;

namespace Rmt.Host.Commands;

/// <summary><c>rmt classify INPUT…</c>: documents of any length in, a label and its scores out.</summary>
internal sealed class ClassifyCommand(Terminal terminal, IModels models, CancellationToken cancellation)
{
    private readonly CommonOptions _common = new();

    private readonly Option<int> _batch = new("--batch")
    {
        HelpName = "N",
        Description = "Documents that are read side by side, 1 to 1024. Answers do not depend on it.",
        DefaultValueFactory = _ => 8,
    };

    private readonly Option<int?> _maxTokens = new("--max-tokens")
    {
        HelpName = "N",
        Description = "Read at most N tokens of a document, 1 or more; its record then says truncated. [default: all are read]",
    };

    private readonly Option<string> _truncate = new("--truncate")
    {
        Description = "Which tokens --max-tokens keeps: the first ones, or the first quarter and the last three.",
        DefaultValueFactory = _ => "head",
    };

    public Command Create()
    {
        _ = _truncate.AcceptOnlyFromAmong("head", "head_tail");
        CommonOptions.Within(_batch, 1, 1024);
        CommonOptions.Within(_maxTokens, 1, int.MaxValue);
        var command = new Verb("classify", "Labels documents of any length: each is read segment by segment, with memory between.", """
            Example:
              rmt classify --model models/reviews review.txt more-reviews/

            A record a document, in the order of the inputs:
              {"source","label","score","scores":{LABEL:p},"tokens_total","tokens_read","segments","truncated","seconds"}
              {"source","error"} where it could not be read; the others go on, and the exit code is 4
            seconds is the document's share of the work, since documents are read side by side.
            """)
        {
            _common.Inputs, _common.Model, _common.Device, _common.Dtype, _common.Gelu, _common.Threads, _batch,
            _maxTokens, _truncate, _common.Alignment, _common.Encoding, _common.Output,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(_truncate) is { Implicit: false } && result.GetValue(_maxTokens) is null)
                result.AddError("--truncate does nothing without --max-tokens N.");
        });
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var batch = parsed.GetValue(_batch);
        using var reader = models.LoadReader(_common.Choice(parsed, batch));
        var progress = new Progress(terminal);
        using var notice = new CancellationNotice(progress.Interrupted, cancellation);
        void Say(string line)
        {
            progress.Clear();
            terminal.Error.WriteLine(line);
        }
        var model = parsed.GetValue(_common.Model);
        var questions = QuestionNotice.For(models.Notes(model), model ?? TaskModel.Embedded, reader.Tokenizer, Say);
        var run = new ClassifyRun(reader, batch, parsed.GetValue(_common.Threads), Limit(parsed), terminal.Clock, progress, questions);
        using (var writer = _common.Writer(parsed, terminal, () => new JsonLinesWriter(terminal.Out), () => Table()))
        {
            foreach (var record in run.Classify(_common.Documents(parsed.GetRequiredValue(_common.Inputs), parsed, terminal), cancellation))
            {
                progress.Clear();
                writer.Write(record);
            }
            progress.Clear();
        }
        if (progress.Failed == 0)
            return ExitCode.Ok;
        terminal.Error.WriteLine($"rmt: {progress.Failed} of {progress.Failed + progress.Documents} documents failed; their records say why");
        return ExitCode.InputUnreadable;
    }

    private Truncation? Limit(ParseResult parsed) => parsed.GetValue(_maxTokens) is { } tokens
        ? new(tokens, parsed.GetValue(_truncate) == "head_tail" ? TruncationSide.HeadTail : TruncationSide.Head)
        : null;

    private TableWriter Table() => new(terminal, ["source", "label", "score", "tokens", "read", "segments", "seconds"], record => record is ClassifyRecord answer
        ? [answer.Source, answer.Label, Number(answer.Score, "F4"), Number(answer.TokensTotal, "D"), Number(answer.TokensRead, "D"), Number(answer.Segments, "D"), Number(answer.Seconds, "F2")]
        : []);

    private static string Number<T>(T value, string format) where T : IFormattable => value.ToString(format, CultureInfo.InvariantCulture);
}
