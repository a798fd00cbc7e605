using System.CommandLine;
using System.Globalization;
using Rmt.Host.Input;
using Rmt.Host.Output;
using Rmt.Host.Reading;

namespace Rmt.Host.Commands;

/// <summary><c>rmt tokenize INPUT…</c>: the token ids of documents, without special tokens around them.</summary>
internal sealed class TokenizeCommand(Terminal terminal, IModels models, CancellationToken cancellation)
{
    private readonly CommonOptions _common = new();

    public Command Create()
    {
        var command = new Verb("tokenize", "Shows documents as the model's vocabulary cuts them; needs no weights.", """
            Example:
              echo 'A long document.' | rmt tokenize --model models/reviews -

            A record a document, in the order of the inputs:
              {"source","ids","tokens"}
              {"source","error"} where it could not be read; the others go on, and the exit code is 4
            No special tokens are added; those written inside a text are recognised.
            """)
        {
            _common.Inputs, _common.Model, _common.Threads, _common.Encoding, _common.Output,
        };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var tokenizer = models.LoadTokenizer(parsed.GetValue(_common.Model));
        int done = 0, failed = 0;
        using var notice = new CancellationNotice(() => terminal.Error.WriteLine($"rmt: cancelled; {done} documents done"), cancellation);
        using var writer = _common.Writer(parsed, terminal, () => new JsonLinesWriter(terminal.Out), Table);
        foreach (var source in _common.Documents(parsed.GetRequiredValue(_common.Inputs), parsed, terminal))
        {
            IRecord record;
            try
            {
                var all = new List<int>();
                foreach (var ids in Tokens.Of(source, tokenizer, parsed.GetValue(_common.Threads), cancellation))
                    all.AddRange(ids);
                cancellation.ThrowIfCancellationRequested();
                record = new TokenizeRecord(source.Name, all, tokenizer);
            }
            catch (Exception error) when (DocumentSource.IsUnreadable(error))
            {
                record = new FailureRecord(source.Name, error.Message);
                failed++;
            }
            done++;     // before it can be seen: whoever has the record and cancels is told of it
            writer.Write(record);
        }
        return failed == 0 ? ExitCode.Ok : ExitCode.InputUnreadable;
    }

    private TableWriter Table() => new(terminal, ["source", "count", "tokens"], record => record is TokenizeRecord tokens
        ? [tokens.Source, tokens.Ids.Count.ToString(CultureInfo.InvariantCulture), string.Join(' ', tokens.Ids.Select(tokens.Tokenizer.Token))]
        : []);
}
