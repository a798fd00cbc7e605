using System.CommandLine;
using System.Text.RegularExpressions;
using Rmt.Adapter;
using Rmt.Host.Input;
using Rmt.Host.Output;
using Rmt.Host.Reading;
using Rmt.Loaders;

namespace Rmt.Host.Commands;

/// <summary>Options that several verbs have. Each has a default, a range and a sentence; a verb takes those that act on it.</summary>
internal sealed partial class CommonOptions
{
    public Argument<string[]> Inputs { get; } = new("INPUT")
    {
        Arity = ArgumentArity.OneOrMore,
        Description = "Files, folders (all *.txt and *.jsonl below them), or - for stdin. A *.jsonl file holds one document a line: {\"text\": …, \"id\": …}.",
    };

    public Option<string?> Model { get; } = new("--model")
    {
        HelpName = "DIR|HUB-ID",
        Description = "A saved model: a folder, or a hub id that is in the hub's cache, also as ID@REVISION. [default: the embedded model]",
    };

    public Option<string> Device { get; } = new("--device")
    {
        HelpName = "cpu|cuda|cuda:N",
        Description = "Where the model runs.",
        DefaultValueFactory = _ => "cpu",
    };

    public Option<string> Dtype { get; } = new("--dtype")
    {
        Description = "Numbers the model computes with; bfloat16 takes half the memory and is less exact, float16, on CUDA devices, likewise, but eight times finer.",
        DefaultValueFactory = _ => "float32",
    };

    public Option<string?> Gelu { get; } = new("--gelu")
    {
        Description = "How models whose activation is gelu compute it on a CUDA device in bfloat16 or float16: as they were trained, or by tanh within the product, which is faster and at most 0.0005 off. [default: exact]",
    };

    public Option<int> Threads { get; } = new("--threads")
    {
        HelpName = "N",
        Description = "Threads of the CPU, 1 to 1024; as many as processors if not said.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    public Option<string?> Alignment { get; } = new("--alignment")
    {
        Description = "Where the segment goes that is not full: last, first, or all about as long as each other. [default: the model's own, as it was trained]",
    };

    public Option<string?> Output { get; } = new("--output")
    {
        Description = "How results are written. [default: table on a terminal, jsonl in a pipe]",
    };

    public Option<string?> Encoding { get; } = new("--encoding")
    {
        HelpName = "NAME",
        Description = "Encoding of the inputs, such as windows-1252. [default: UTF-8, or UTF-16 where a byte-order mark says so]",
    };

    public CommonOptions()
    {
        _ = Dtype.AcceptOnlyFromAmong([.. NumberTypes.Names]);
        _ = Gelu.AcceptOnlyFromAmong("exact", "fast");
        _ = Alignment.AcceptOnlyFromAmong("left", "right", "center");
        _ = Output.AcceptOnlyFromAmong("table", "jsonl");
        Within(Threads, 1, 1024);
        Check(Device, IsDevice, "cpu, cuda or cuda:N");
        Check(Encoding, StrictTextReader.Knows, "a name such as windows-1252, iso-8859-1 or utf-16");
        Inputs.Validators.Add(result =>
        {
            if (result.Tokens.Count(token => token.Value == "-") > 1)
                result.AddError("stdin (-) can be read once only.");
        });
        RefuseOptions(Inputs);
    }

    /// <summary>A mistyped option must not be looked for as a file.</summary>
    public static void RefuseOptions(Argument argument) => argument.Validators.Add(result =>
    {
        if (result.Tokens.FirstOrDefault(token => token.Value.Length > 1 && token.Value[0] == '-') is { } option)
            result.AddError($"there is no option '{option.Value}' here; a file of that name is ./{option.Value}");
    });

    /// <summary>Numbers from the least to the most; told in one sentence otherwise.</summary>
    public static void Within<T>(Option<T> option, int least, int most) => option.Validators.Add(result =>
    {
        // What is no number at all is told by the parser.
        if (result.Tokens is [var token] && int.TryParse(token.Value, out var value) && (value < least || value > most))
            result.AddError($"{option.Name} must be from {least} to {most}; it is {value}.");
    });

    /// <summary>A file that will be written; what stands against it is told before the work is done, not after.</summary>
    public static void FileToWrite(Option<string?> option) => option.Validators.Add(result =>
    {
        if (result.Tokens is not [var token])
            return;
        if (token.Value.Length == 0 || Directory.Exists(token.Value))
            result.AddError($"{option.Name} must be a file; '{token.Value}' is {(token.Value.Length == 0 ? "no name" : "a folder")}.");
        else if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(token.Value))))
            result.AddError($"{option.Name} {token.Value}: there is no such folder.");
        else if (IsInDevices(Path.GetFullPath(token.Value)))
            result.AddError($"{option.Name} must be a file; '{token.Value}' is a device or a pipe.");
    });

    /// <summary>A text of a form, told in a few words otherwise.</summary>
    public static void Check(Option option, Func<string, bool> fits, string expected) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && !fits(token.Value))
            result.AddError($"{option.Name} must be {expected}; it is '{token.Value}'.");
    });

    /// <summary>The inputs as documents.</summary>
    public IEnumerable<DocumentSource> Documents(IReadOnlyList<string> inputs, ParseResult parsed, Terminal terminal) =>
        new Inputs(inputs, parsed.GetValue(Encoding), terminal.OpenInput).Documents();

    /// <summary>The model that was asked for, and how it is to work.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="batch">Documents that are read side by side.</param>
    public ModelChoice Choice(ParseResult parsed, int batch) => new(
        parsed.GetValue(Model),
        parsed.GetRequiredValue(Device),
        parsed.GetRequiredValue(Dtype),
        parsed.GetValue(Threads),
        parsed.GetValue(Alignment) is { } name ? Enum.Parse<SegmentAlignment>(name, ignoreCase: true) : null,
        batch)
    {
        Gelu = parsed.GetValue(Gelu) == "fast" ? GeluForm.Fast : GeluForm.Exact,
    };

    /// <summary>Where records go; the table only where people look at it, or where it was asked for.</summary>
    public IRecordWriter Writer(ParseResult parsed, Terminal terminal, Func<IRecordWriter> jsonLines, Func<IRecordWriter> table) =>
        IsTable(parsed, terminal) ? table() : jsonLines();

    /// <summary>Whether people look at the results, or asked to.</summary>
    public bool IsTable(ParseResult parsed, Terminal terminal) => (parsed.GetValue(Output) ?? (terminal.OutIsTerminal ? "table" : "jsonl")) == "table";

    // A new file takes the place of what has its name: a device would be gone, for everybody.
    private static bool IsInDevices(string path) => path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/dev/shm/", StringComparison.Ordinal);

    public static bool IsDevice(string name) => DeviceName().IsMatch(name);

    [GeneratedRegex("^(cpu|cuda|cuda:[0-9]{1,3})$")]
    private static partial Regex DeviceName();
}
