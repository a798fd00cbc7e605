using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Rmt.Adapter;
using Rmt.Host.Evaluation;
using Rmt.Host.Input;
using Rmt.Host.Training;
using Rmt.Loaders;

namespace Rmt.Host.Commands;

/// <summary>Which memory task is measured, on what, and how long its samples are.</summary>
internal sealed class TaskOptions
{
    public const string Memorize = "memorize", Detect = "detect", Reason = "reason", Restate = FactsToRestate.Name;

    public Option<string?> Task { get; } = new("--task") { Description = "The paper's task: a fact in front, a fact at the beginning of a segment, or two facts; or, of a language model, documents that tell again what their first segment says. [default: none]" };

    private readonly Option<string> _protocol = new("--protocol")
    {
        Description = "Where facts of detect and reason are: at the beginning of the first segment, as the paper evaluates, of segments drawn for each, or of both, one after the other; or at any token of texts whose first segment has any length. memorize has its fact in front.",
        DefaultValueFactory = _ => Protocols.Both,
    };

    private readonly Option<string> _segments = new("--segments")
    {
        HelpName = "N,A..B,…",
        Description = $"Lengths of the samples, 1 to {SegmentCounts.Most} segments each.",
        DefaultValueFactory = _ => "1..8",
    };

    private readonly Option<string> _samples = new("--samples")
    {
        HelpName = "N[,N@FROM…]",
        Description = $"Samples of each length, 1 to {SampleCounts.Most}; 1000,128@256 are 1000, and 128 from 256 segments on.",
        DefaultValueFactory = _ => "100",
    };

    private readonly Option<string?> _background = new("--background")
    {
        HelpName = "PATH",
        Description = "Text that facts are hidden in: a text file, a folder, or a *.jsonl file of documents. [default: sentences that are made up]",
    };

    private readonly Option<ulong> _seed = new("--seed")
    {
        HelpName = "S",
        Description = "Which samples, 0 or more. None of them occurs in training, whatever its seed.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<bool> _withholdPairs = new("--withhold-pairs")
    {
        Description = "Ask only of names and places that were never put together in a training with the same option. [default: of all]",
    };

    private readonly Option<string?> _problems = new("--problems")
    {
        HelpName = "FILE.csv",
        Description = "Problems of reason, as the paper's authors' table: fact1,fact2,question,answer. [default: 3,072 that do not occur in training]",
    };

    public void AddTo(Command command)
    {
        _ = Task.AcceptOnlyFromAmong(Memorize, Detect, Reason, Restate);
        _ = _protocol.AcceptOnlyFromAmong([.. Protocols.Names, Protocols.Both]);
        CommonOptions.Check(_segments, text => SegmentCounts.Parse(text) is not null, $"numbers and ranges from 1 to {SegmentCounts.Most}, such as 1..7,16");
        CommonOptions.Check(_samples, text => SampleCounts.Parse(text) is not null, $"a number from 1 to {SampleCounts.Most}, and others from some segments on, such as 1000,128@256");
        Option[] all = [_protocol, _segments, _samples, _background, _seed, _withholdPairs, _problems];
        command.Add(Task);
        foreach (var option in all)
            command.Add(option);
        command.Validators.Add(result =>
        {
            var task = result.GetResult(Task) is { Tokens: [var token] } ? token.Value : null;
            Idle(result, all, task is null, "--task");
            Idle(result, [_protocol], task is Memorize or Restate, "--task detect or reason; memorize has its fact in front");
            Idle(result, [_withholdPairs], task is Reason or Restate, "--task memorize or detect");
            Idle(result, [_problems], task is Memorize or Detect or Restate, "--task reason");
            Idle(result, [_background], task is Restate, "--task memorize, detect or reason");
        });
    }

    /// <summary>Made-up documents that a language model is measured on, as long as the longest asked for, and the segments asked for.</summary>
    /// <exception cref="InputException">They cannot be told in its vocabulary.</exception>
    public (IReadOnlyList<ReadOnlyMemory<int>> Documents, IReadOnlyList<int> Segments) Restated(ParseResult parsed, ITokenizer tokenizer, Segmenter segmenter)
    {
        var segments = SegmentCounts.Parse(parsed.GetRequiredValue(_segments))!;
        var facts = FactsToRestate.Make(tokenizer, segmenter, TaskSplit.Validation, parsed.GetValue(_seed));
        var count = SampleCounts.Parse(parsed.GetRequiredValue(_samples))![segments[^1]];
        return ([.. Enumerable.Range(0, count).Select(index => (ReadOnlyMemory<int>)facts.Document(index, segments[^1]))], segments);
    }

    /// <summary>What a report says of those documents.</summary>
    public string RestatedSettings(ParseResult parsed) => string.Create(CultureInfo.InvariantCulture,
        $"Made-up documents whose facts stand in front and are told again: {parsed.GetValue(_samples)}, of segments {parsed.GetValue(_segments)}. Seed {parsed.GetValue(_seed)}.");

    /// <summary>What is measured of a model: each protocol, shorter samples first.</summary>
    /// <exception cref="LoadException">The model cannot answer this task.</exception>
    /// <exception cref="InputException">Background or problems cannot be read.</exception>
    public IReadOnlyList<Measurement> Measurements(ParseResult parsed, TaskModel model)
    {
        var name = parsed.GetRequiredValue(Task)!;
        var tasks = model.Tasks(parsed.GetValue(_background));
        var (counts, seed, withhold) = (SampleCounts.Parse(parsed.GetRequiredValue(_samples))!, parsed.GetValue(_seed), parsed.GetValue(_withholdPairs));
        var problems = parsed.GetValue(_problems) is { } path ? Problems(path) : RelationFacts.Of(TaskSplit.Validation);
        return [.. from protocol in Of(name, parsed.GetRequiredValue(_protocol))
                   let placement = Protocols.Placement(protocol)
                   let task = model.Require(name, () => name switch
                   {
                       Memorize => tasks.Memorize(TaskSplit.Validation, seed, withhold),
                       Detect => tasks.Detect(placement, TaskSplit.Validation, seed, withhold),
                       _ => tasks.Reason(problems, placement, TaskSplit.Validation, seed),
                   })
                   from segments in SegmentCounts.Parse(parsed.GetRequiredValue(_segments))!
                   select new Measurement(protocol, task, segments, counts[segments])];
    }

    /// <summary>What a report says of the samples.</summary>
    public string Settings(ParseResult parsed) => string.Create(CultureInfo.InvariantCulture,
        $"Samples a length: {parsed.GetValue(_samples)}. Seed {parsed.GetValue(_seed)}. Background: {parsed.GetValue(_background) ?? "made-up sentences"}.{(parsed.GetValue(_withholdPairs) ? " Names and places that training never put together." : "")}{(parsed.GetValue(_problems) is { } path ? $" Problems: {path}." : "")}");

    private static string[] Of(string task, string protocol) => (task, protocol) switch
    {
        (Memorize, _) => [Protocols.Front],
        (_, Protocols.Both) => [Protocols.First, Protocols.Random],
        _ => [protocol],
    };

    private static IReadOnlyList<Problem> Problems(string path)
    {
        try
        {
            using var text = new StrictTextReader(Inputs.Open(path), remedy: "make it UTF-8");
            return TwoFactsTable.Read(text);
        }
        catch (Exception error) when (error is InvalidDataException || DocumentSource.IsUnreadable(error))
        {
            throw new InputException($"{path}: {error.Message}");
        }
    }

    private static void Idle(CommandResult result, IEnumerable<Option> options, bool idle, string needed)
    {
        if (idle && options.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } given)
            result.AddError($"{given.Name} does nothing without {needed}.");
    }
}
