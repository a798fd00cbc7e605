using System.CommandLine;
using System.Globalization;
using Rmt.Adapter;
using Rmt.Host.Generating;
using Rmt.Host.Input;
using Rmt.Host.Output;
using Rmt.Host.Reading;

namespace Rmt.Host.Commands;

/// <summary><c>rmt generate [INPUT]</c>: a language model goes on with a text of any length.</summary>
internal sealed class GenerateCommand(Terminal terminal, IModels models, CancellationToken cancellation)
{
    private readonly CommonOptions _common = new();
    private readonly GenerateOptions _options = new();

    private readonly Argument<string?> _input = new("INPUT")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "One text: a text file, a *.jsonl file of one line, or - for stdin.",
    };

    private readonly Option<string> _model = new("--model")
    {
        HelpName = "DIR|HUB-ID",
        Required = true,
        Description = "A saved language model: a folder, or a hub id that is in the hub's cache, also as ID@REVISION.",
    };

    private readonly Option<string?> _text = new("--text") { HelpName = "TEXT", Description = "The text itself, in the place of INPUT." };

    private readonly Option<string?> _output = new("--output")
    {
        Description = "What follows as bare text the moment it is made, or a record at the end. [default: text on a terminal, jsonl in a pipe]",
    };

    public Command Create()
    {
        CommonOptions.RefuseOptions(_input);
        _ = _output.AcceptOnlyFromAmong("text", "jsonl");
        var command = new Verb("generate", "Goes on with a text of any length, segment by segment, with memory between.", """
            Example:
              rmt generate --model models/story --text 'Once upon a time' --max-tokens 200 --temperature 0.8 --top-p 0.95

            One record:
              {"source","text","tokens_read","segments","new_tokens","seconds"}
              {"source","error"} where the text could not be read, with exit code 4
            text is what follows, without the text itself. Without --temperature the likeliest token is taken each time. The same text and the
            same seed give the same. After Ctrl-C what was made is given out.
            """)
        {
            _input, _text, _model, _common.Device, _common.Dtype, _common.Threads,
        };
        _options.AddTo(command);
        command.Add(_common.Encoding);
        command.Add(_output);
        command.Validators.Add(result =>
        {
            if ((result.GetValue(_input) is null) == (result.GetResult(_text) is null))
                result.AddError("one text is gone on with: INPUT or --text TEXT, not both.");
        });
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var streams = (parsed.GetValue(_output) ?? (terminal.OutIsTerminal ? "text" : "jsonl")) == "text";
        var source = parsed.GetValue(_input) ?? "--text";
        using var model = models.LoadLanguageModel(new(parsed.GetRequiredValue(_model), parsed.GetRequiredValue(_common.Device), parsed.GetRequiredValue(_common.Dtype), parsed.GetValue(_common.Threads), null, 1));
        var options = _options.Value(parsed, model.Tokenizer);
        using var run = new GenerateRun(model, terminal);
        using var notice = new CancellationNotice(() => terminal.Error.WriteLine($"rmt: cancelled, ending after the token in progress: {run.Describe()} (again Ctrl-C ends at once)"), cancellation);
        using var writer = new JsonLinesWriter(terminal.Out);
        try
        {
            run.Read(Tokens.OfOne(Documents(parsed), model.Tokenizer, parsed.GetValue(_common.Threads), cancellation), cancellation);
        }
        catch (InputException error)
        {
            writer.Write(new FailureRecord(source, error.Message));
            return ExitCode.InputUnreadable;
        }
        try
        {
            run.Generate(options, streams ? Stream : _ => { }, cancellation);
        }
        finally
        {
            if (streams)
                Stream("\n");
            else
                writer.Write(run.Record(source));
        }
        return ExitCode.Ok;
    }

    private void Stream(string text)
    {
        terminal.Out.Write(text);
        terminal.Out.Flush();
    }

    private IEnumerable<DocumentSource> Documents(ParseResult parsed) => parsed.GetValue(_text) is { } text
        ? [new DocumentSource("--text", () => new StringReader(text))]
        : _common.Documents([parsed.GetValue(_input)!], parsed, terminal);
}
