using System.CommandLine;
using System.Globalization;
using Rmt.Adapter;
using Rmt.Host.Input;
using Rmt.Host.Output;
using Rmt.Host.Reading;
using Rmt.Host.Tracing;
using Rmt.Loaders;

namespace Rmt.Host.Commands;

/// <summary><c>rmt trace INPUT</c>: how one document is read, a record a segment.</summary>
internal sealed class TraceCommand(Terminal terminal, IModels models, CancellationToken cancellation)
{
    private const int MostColumns = 4;

    private readonly CommonOptions _common = new();
    private readonly TraceOptions _options = new();

    private readonly Argument<string> _input = new("INPUT") { Description = "One document: a text file, a *.jsonl file of one line, or - for stdin." };

    public Command Create()
    {
        CommonOptions.RefuseOptions(_input);
        var command = new Verb("trace", "Shows how one document is read: what the model says, and what memory holds, after each segment.", """
            Example:
              rmt trace --model models/reviews review.txt --svg attention.svg

            A record a segment, as it is read:
              {"segment","tokens","label","scores":{LABEL:p},"memory_norm","seconds"}
              {"source","error"} where the document could not be read, with exit code 4
            What the last one says is what classify says of the document. memory_norm is the Euclidean norm of all numbers in memory.

            --save writes segment.T.input_ids, .memory_in, .memory_out, .layer.N, .logits and, with --attention, .attention.N, all
            numbers as F32; and beside it the attention maps of some segments as FILE.svg, which --svg alone draws too.
            Segments, layers, heads and positions count from 0; A..B includes both; 'last' and 'last-3' count from the end.
            """)
        {
            _input, _common.Model, _common.Device, _common.Dtype, _common.Threads, _common.Alignment, _common.Encoding, _common.Output,
        };
        _options.AddTo(command);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        using var classifier = models.LoadClassifier(_common.Choice(parsed, batch: 1));
        var progress = new Progress(terminal);
        using var notice = new CancellationNotice(progress.Interrupted, cancellation);
        using var writer = _common.Writer(parsed, terminal, () => new JsonLinesWriter(terminal.Out), Table);
        var failed = false;
        void Tell(IRecord record)
        {
            progress.Clear();
            writer.Write(record);
            failed |= record is FailureRecord;
        }
        var input = parsed.GetRequiredValue(_input);
        try
        {
            var tokens = Read(input, parsed, classifier);
            using var document = new DocumentTrace(classifier.Model, classifier.Segmenter, tokens);
            Trace(parsed, input, classifier, document, progress, Tell);
        }
        catch (InputException error)
        {
            Tell(new FailureRecord(input, error.Message));
        }
        progress.Clear();
        return failed ? ExitCode.InputUnreadable : ExitCode.Ok;
    }

    private void Trace(ParseResult parsed, string source, DocumentClassifier classifier, DocumentTrace document, Progress progress, Action<IRecord> tell)
    {
        var (save, svg) = _options.Paths(parsed);
        if ((save ?? svg) is not null && classifier.Model.Adapter.Backbone is not ILayeredBackbone)
            throw new LoadException(parsed.GetValue(_common.Model) ?? "the model", "its backbone does not show its layers; it can be traced without --save and --svg.");
        var figure = svg is null ? null : _options.Figure(parsed, classifier, document.Segments.Count);
        var file = save is null ? null
            : new TraceFile(save, source, classifier.Model, document, _options.Kept(parsed, document.Segments.Count), _options.WithAttention(parsed));
        var run = new TraceRun(classifier, document, file, figure, terminal.Clock, progress);
        if (file is null)
            run.Walk(tell, cancellation);
        else
            Save(file, save!, () => run.Walk(tell, cancellation));
        if (figure is { Count: > 0 } && document.SegmentsRead == document.Segments.Count)
        {
            new AttentionSvg($"Reading {Path.GetFileName(source)}, {document.Segments.Count} segments", figure.Panels(), Math.Min(MostColumns, Math.Max(figure.Segments.Count, figure.Count / figure.Segments.Count))).Write(svg!);
            progress.Clear();
            terminal.Error.WriteLine($"rmt: drew {figure.Count} attention maps in {svg}");
        }
    }

    private void Save(TraceFile file, string path, Action walk)
    {
        var free = new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace;
        if (file.Bytes > free)
            throw new IOException($"{path} would have {file.Bytes:N0} bytes, and there is room for {free:N0}: choose fewer --segments, or leave out --attention.");
        terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"rmt: saving {file.Bytes:N0} bytes in {path}"));
        file.Write(walk);
    }

    // The token ids of the whole document, four bytes each: a right-aligned one must be known to its end before it is cut.
    private ReadOnlyMemory<int> Read(string input, ParseResult parsed, DocumentClassifier classifier)
    {
        var content = new ContentTokens(classifier.Tokenizer.Special);
        foreach (var ids in Tokens.OfOne(_common.Documents([input], parsed, terminal), classifier.Tokenizer, parsed.GetValue(_common.Threads), cancellation))
            content.Take(ids);
        return content.Keep(null);
    }

    private TableWriter Table() => new(terminal, ["segment", "tokens", "label", "score", "memory norm", "seconds"], record => record is TraceRecord segment
        ? [Number(segment.Segment, "D"), Number(segment.Tokens, "D"), segment.Label, Number(segment.Scores[segment.Label], "F4"), Number(segment.MemoryNorm, "F3"), Number(segment.Seconds, "F3")]
        : []);

    private static string Number<T>(T value, string format) where T : IFormattable => value.ToString(format, CultureInfo.InvariantCulture);
}
