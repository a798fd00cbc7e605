using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Rmt.Adapter;
using Rmt.Host.Input;
using Rmt.Host.Output;
using Rmt.Loaders;

namespace Rmt.Host.Commands;

/// <summary><c>rmt vocabulary</c>: a WordPiece vocabulary from texts of one's own, or from generated ones.</summary>
internal sealed class VocabularyCommand(Terminal terminal, CancellationToken cancellation)
{
    private const ulong Seed = 1;

    // Whatever text comes later, its ASCII can be spelled.
    private static readonly string Ascii = new([.. Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code)]);

    private readonly CommonOptions _common = new();

    private readonly Argument<string[]> _inputs = new("INPUT")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "Files, folders (all *.txt and *.jsonl below them), or - for stdin.",
    };

    private readonly Option<int> _size = new("--size")
    {
        HelpName = "N",
        Description = "Tokens of the vocabulary, 100 to 1000000; fewer where the text has no more.",
        DefaultValueFactory = _ => 30_000,
    };

    private readonly Option<string?> _save = new("--save") { HelpName = "FILE", Description = "Where it is written, one token a line, as vocab.txt of a model folder.", Required = true };

    private readonly Option<bool> _lowercase = new("--lowercase") { Description = "Lower case without accents, as the tokenizer will then read every text. [default: as written]" };

    private readonly Option<int> _generated = new("--generated")
    {
        HelpName = "N",
        Description = "Characters of generated text to learn from, beside the inputs; 0 to 1000000000.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<string?> _words = new("--words")
    {
        HelpName = "FILE|WORD,…",
        Description = "Words that are one token each, however seldom: a list with commas, or a file with one a line. [default: none]",
    };

    public Command Create()
    {
        var command = new Verb("vocabulary", "Makes a WordPiece vocabulary from texts.", """
            Example:
              rmt vocabulary speeches/ --size 8000 --lowercase --save vocab.txt
              rmt vocabulary --generated 20000000 --size 4000 --lowercase --words Mary,garden --save vocab.txt

            A record:
              {"path","tokens","words","distinct_words","seconds"}
              {"source","error"} where an input could not be read; nothing is written then, and the exit code is 4
            Every character of the texts and of ASCII can be spelled. The same texts give the same file.
            """)
        {
            _inputs, _size, _save, _lowercase, _generated, _words, _common.Encoding, _common.Output,
        };
        CommonOptions.Within(_size, 100, 1_000_000);
        CommonOptions.Within(_generated, 0, 1_000_000_000);
        CommonOptions.FileToWrite(_save);
        CommonOptions.RefuseOptions(_inputs);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_inputs) is not { Length: > 0 } && result.GetResult(_generated) is not { Implicit: false })
                result.AddError("there is nothing to learn from: name an INPUT, or --generated.");
        });
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var clock = Stopwatch.StartNew();
        var trainer = new WordPieceTrainer(new() { Lowercase = parsed.GetValue(_lowercase) });
        using var writer = _common.Writer(parsed, terminal, () => new JsonLinesWriter(terminal.Out), Table);
        foreach (var source in _common.Documents(parsed.GetValue(_inputs) ?? [], parsed, terminal))
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                using var text = source.Open();
                trainer.Add(text);
            }
            catch (Exception error) when (DocumentSource.IsUnreadable(error))
            {
                writer.Write(new FailureRecord(source.Name, error.Message));
                return ExitCode.InputUnreadable;
            }
        }
        using (var text = new FirstCharacters(new GeneratedText(Seed), parsed.GetValue(_generated)))
            trainer.Add(text);
        cancellation.ThrowIfCancellationRequested();
        var tokens = Train(trainer, parsed);
        var path = parsed.GetRequiredValue(_save)!;
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(string.Concat(tokens.Select(token => token + '\n'))));
        writer.Write(new VocabularyRecord(path, tokens.Count, trainer.Words, trainer.DistinctWords, clock.Elapsed.TotalSeconds));
        return ExitCode.Ok;
    }

    private IReadOnlyList<string> Train(WordPieceTrainer trainer, ParseResult parsed)
    {
        try
        {
            return trainer.Train(parsed.GetValue(_size), Words(parsed.GetValue(_words)), Ascii);
        }
        catch (ArgumentException error)
        {
            throw new UsageException(error.InWords());
        }
    }

    private static string[] Words(string? list) => list is null ? []
        : (File.Exists(list) ? File.ReadAllText(list) : list).Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private TableWriter Table() => new(terminal, ["file", "tokens", "words", "distinct words"], record => record is VocabularyRecord made
        ? [made.Path, made.Tokens.ToString("N0", CultureInfo.InvariantCulture), made.Words.ToString("N0", CultureInfo.InvariantCulture), made.DistinctWords.ToString("N0", CultureInfo.InvariantCulture)]
        : []);
}
