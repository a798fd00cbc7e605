using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Rmt.Host.Evaluation;
using Rmt.Host.Input;
using Rmt.Host.Training;
using Rmt.Loaders;

namespace Rmt.Host.Commands;

/// <summary>The options of <c>rmt train</c>. Each can stand in a file of values too, under its name without the dashes.</summary>
internal sealed partial class TrainOptions
{
    /// <summary>Those that may differ from stage to stage.</summary>
    public static readonly string[] OfAStage =
        ["updates", "rate", "memory-rate", "head-rate", "warmup", "documents", "mix", "target-accuracy", "evaluate-every", "validation", "validation-segments", "restarts", "protocol", "validation-protocol", "tellings"];

    private const string Tasks = "--task memorize, detect or reason", Files = "--train-file", Texts = "--train-text", Restated = $"--task {FactsToRestate.Name}";

    // What acts on some lessons only, and on which.
    private static readonly (string[] Names, string[] Lessons)[] OfLessons =
    [
        (["background", "protocol", "validation-protocol", "withhold-pairs", "facts-table", "tellings", "restarts"], [Tasks]),
        (["stages", "mix", "validation", "validation-segments"], [Tasks, Restated, Texts]),
        (["validation-file", "epochs", "max-tokens", "truncate", "longest"], [Files]),
        (["validation-text"], [Texts]),
        (["encoding"], [Files, Texts]),
        (["every-segment", "head-rate"], [Tasks, Files]),
    ];

    /// <summary>The options that do nothing in a lesson, each with those it is for.</summary>
    public static IEnumerable<(string Name, string For)> Idle(ILesson lesson)
    {
        var kind = lesson switch { FilesToLearn => Files, TextsToLearn => Texts, FactsToRestate => Restated, _ => Tasks };
        return OfLessons.Where(entry => !entry.Lessons.Contains(kind)).SelectMany(entry => entry.Names.Select(name => (name, string.Join(" and ", entry.Lessons))));
    }

    /// <summary>Those that may change when a training goes on. They are kept with it all the same: on another device, or with another number of
    /// threads, sums are rounded differently.</summary>
    public static readonly string[] Free = ["device", "threads", "checkpoint-every", "recompute"];

    // Not kept with the training.
    private static readonly string[] Passing = ["save", "resume", "values"];

    private readonly Dictionary<string, (Option Option, Func<ParseResult, object?> Value)> _all = [];

    public TrainOptions()
    {
        Save = Add<string?>("save", "DIR", "Folder of the trained model and of all that is needed to go on; new or empty.");
        Resume = Add<bool>("resume", null, "Go on where the training in --save DIR stopped; its options are those it began with.");
        Values = Add<string?>("values", "FILE.json", "Options from a file: {\"rate\": 1e-4, \"stages\": [{\"segments\": 1, \"updates\": 300}, …], …}. The command line wins.");
        Model = Add<string?>("model", "DIR|HUB-ID", "What to begin from: a plain model of any family (new memory, new head), or a saved model: a classifier of the same labels, or a language model.");
        New = Add<string?>("new", "LAYERSxHIDDENxHEADS", "Begin from random weights instead, such as 4x256x4: a BERT that labels, or a GPT-2 that continues; with --vocabulary.");
        Vocabulary = Add<string?>("vocabulary", "FILE", "Vocabulary of a --new model: vocab.txt (WordPiece; with capital letters in it the model is cased), or vocab.json with merges.txt beside it.");
        MemoryTokens = Add("memory-tokens", "N", "Memory tokens of a new memory, 0 to 1000.", 10);
        Window = Add<int?>("window", "N", "Tokens of a full window, everything included. [default: a saved model's own; else the longest the model reads; 512 for --new]");
        Alignment = Add<string?>("alignment", "left|right|center", "Where the segment goes that is not full, in a new memory. [default: right, the first; left, the last, where the model is causal]");
        Task = Add<string?>("task", $"memorize|detect|reason|{FactsToRestate.Name}", "Train on the paper's memory task: a fact in front, a fact in any segment, two facts in any segments. Or train a language model on documents whose later segments tell again what the first one says.");
        Background = Add<string?>("background", "PATH", "What facts are hidden in: a text file, a folder, or documents in *.jsonl (QuALITY's too). [default: made-up sentences]");
        Protocol = Add<string?>("protocol", "first|random|anywhere", "Where detect and reason put facts: at the beginning of the first segment, of segments drawn for each, or at any token of texts whose first segment has any length. [default: random]");
        ValidationProtocol = Add<string?>("validation-protocol", "first|random|anywhere", "Where those of validation are; first as the authors do. [default: --protocol]");
        WithholdPairs = Add<bool>("withhold-pairs", null, "memorize, detect: validate on pairs of name and place that training never shows.");
        FactsTable = Add<string?>("facts-table", "FILE.csv", "reason: problems from the authors' table, for training and validation alike. [default: made up, different for the two]");
        Tellings = Add<int?>("tellings", "N", "reason: only N tellings of two facts, each with its eight questions, for training and validation alike, 1 to 1536; a stage of a few shows what memory must keep. [default: all, others for validation]");
        TrainFile = Add<string?>("train-file", "FILE", "Train on documents of one's own instead: *.jsonl, {\"text\": …, \"label\": …} a line, or *.csv whose header names text and label.");
        ValidationFile = Add<string?>("validation-file", "FILE", "Documents to choose the best weights by; goes with --train-file.");
        TrainText = Add<string?>("train-text", "PATH", "Train a language model instead: on a text file, a folder of *.txt and *.jsonl, or *.jsonl with {\"text\": …} a line, cut into pieces of as many segments as the stage has.");
        ValidationText = Add<string?>("validation-text", "PATH", "Texts to choose the best weights by; goes with --train-text.");
        Epochs = Add<double?>("epochs", "X", "How often every document of --train-file is read. [default: 3, unless --updates]");
        MaxTokens = Add<int?>("max-tokens", "N", "Read at most N tokens of a document of a file. [default: all are read]");
        Truncate = Add<string?>("truncate", "head|head_tail", "Which tokens --max-tokens keeps: the first, or the first quarter and the last three. [default: head]");
        Longest = Add<int?>("longest", "N", "Refuse a document of a file of more than N tokens, before anything is trained. [default: any length]");
        Encoding = Add<string?>("encoding", "NAME", "Encoding of the files of documents, such as windows-1252. [default: UTF-8, or UTF-16 where a byte-order mark says so]");
        EverySegment = Add<bool>("every-segment", null, "Let what is said after every segment count, not after the last alone: steadier on real documents (sum_loss).");
        Stages = Add("stages", "N,A..B,…", "Segments of the documents, stage after stage.", "1..5");
        Updates = Add("updates", "N", "Updates of a stage.", 200);
        Rate = Add("rate", "R", "Learning rate at its height.", 1e-4);
        MemoryRate = Add<double?>("memory-rate", "R", "Learning rate of the initial memory. [default: --rate]");
        HeadRate = Add<double?>("head-rate", "R", "Learning rate of the head. [default: --rate]");
        Warmup = Add("warmup", "SHARE", "Share of a stage's updates in which the rates rise; then they fall to 0 in a line.", 0.1);
        WeightDecay = Add("weight-decay", "D", "AdamW's, of matrices.", 1e-3);
        FreezeBackbone = Add<bool>("freeze-backbone", null, "Train memory and head alone.");
        Documents = Add("documents", "N", "Documents of an update.", 64);
        PartDocuments = Add("part-documents", "N", "Documents whose gradients are computed in one go: as many as memory holds.", 8);
        Mix = Add("mix", "SHARE", "Share of documents of 1 to N segments instead of all N.", 0.2);
        ClipNorm = Add<double?>("clip-norm", "X", "Bring the norm of all gradients down to X. [default: 1, unless --clip-value]");
        ClipValue = Add<double?>("clip-value", "X", "Bring every element of a gradient into ±X instead, as the authors (5).");
        Dropout = Add<double?>("dropout", "P", "Dropout everywhere. [default: as the model's config.json]");
        Depth = Add<int?>("depth", "N", "Segments a gradient passes through. [default: all]");
        Replay = Add<bool>("replay", null, "Memory replay: exact gradients with one segment's graph at a time, for a third more work.");
        Recompute = Add<bool>("recompute", null, "Layers keep what enters them and compute the rest again for their gradients: less memory, for a third more work. Also with --replay.");
        TargetAccuracy = Add<double?>("target-accuracy", "A", "End a stage at this accuracy. [default: at its last update]");
        Patience = Add<int?>("patience", "N", "End a stage after N evaluations without a better one. [default: never]");
        Restarts = Add<int?>("restarts", "N", "Begin a stage that collapses (accuracy of chance after a third of it, or a fall from high) again at half its rates, at most N times; then give up. [default: nobody looks, a stage keeps to its budget]");
        EvaluateEvery = Add("evaluate-every", "N", "Updates between evaluations; the last update has one too.", 50);
        Validation = Add("validation", "N", "Documents of the validation set, the same all the time.", 300);
        ValidationSegments = Add<int?>("validation-segments", "N", "Segments of the validation documents, by which the best weights are chosen. [default: as the stage]");
        Seed = Add("seed", "N", "Samples, their order, dropout and new weights are functions of it.", 42L);
        CheckpointEvery = Add("checkpoint-every", "N", "Updates between checkpoints; every stage ends with one.", 50);
        Device = Add("device", "cpu|cuda|cuda:N", "Where the model is trained.", "cpu");
        Dtype = Add("dtype", "float32|bfloat16", "bfloat16: products in bfloat16, weights in float32; with --device cuda.", "float32");
        SaveDtype = Add("save-dtype", "float32|bfloat16", "Numbers of the backbone in the saved model; bfloat16 takes half the room.", "float32");
        Threads = Add("threads", "N", "Threads of the CPU, 1 to 1024; as many as processors if not said.", Environment.ProcessorCount);

        Allow(Truncate, "head", "head_tail");
        Check(Encoding, StrictTextReader.Knows, "a name such as windows-1252, iso-8859-1 or utf-16");
        Check(Epochs, text => Number(text) is > 0 and <= 1_000_000, "above 0 and at most 1000000");
        Allow(Task, "memorize", "detect", "reason", FactsToRestate.Name);
        Allow(Protocol, Protocols.Names);
        Allow(ValidationProtocol, Protocols.Names);
        Allow(Alignment, "left", "right", "center");
        Allow(Dtype, "float32", "bfloat16");
        Allow(SaveDtype, "float32", "bfloat16");
        Check(Device, text => CommonOptions.IsDevice(text), "cpu, cuda or cuda:N");
        Check(New, text => Shape().IsMatch(text), "LAYERSxHIDDENxHEADS, such as 4x256x4");
        Check(Stages, text => TryStages(text, out _), "numbers of segments with commas between, such as 1,2,4..6");
        foreach (var option in new Option[] { Updates, Documents, PartDocuments, Depth, Patience, EvaluateEvery, Validation, ValidationSegments, CheckpointEvery, MaxTokens, Longest })
            Check(option, text => Whole(text) is >= 1 and <= int.MaxValue, "1 or more");
        Check(MemoryTokens, text => Whole(text) is >= 0 and <= 1000, "from 0 to 1000");
        Check(Window, text => Whole(text) is >= 4 and <= 1 << 20, "from 4 to 1048576");
        Check(Tellings, text => Whole(text) is >= 1 and <= 1536, "from 1 to 1536");
        Check(Restarts, text => Whole(text) is >= 0 and <= 1000, "from 0 to 1000");
        Check(Threads, text => Whole(text) is >= 1 and <= 1024, "from 1 to 1024");
        foreach (var option in new Option[] { Rate, MemoryRate, HeadRate, WeightDecay })
            Check(option, text => Number(text) is >= 0 and < double.PositiveInfinity, "0 or more");
        foreach (var option in new Option[] { Warmup, Mix })
            Check(option, text => Number(text) is >= 0 and <= 1, "from 0 to 1");
        foreach (var option in new Option[] { ClipNorm, ClipValue })
            Check(option, text => Number(text) is > 0 and < double.PositiveInfinity, "above 0");
        Check(Dropout, text => Number(text) is >= 0 and < 1, "0 or more and below 1");
        Check(TargetAccuracy, text => Number(text) is > 0 and <= 1, "above 0 and at most 1");
    }

    public Option<string?> Save { get; }
    public Option<bool> Resume { get; }
    public Option<string?> Values { get; }
    public Option<string?> Model { get; }
    public Option<string?> New { get; }
    public Option<string?> Vocabulary { get; }
    public Option<int> MemoryTokens { get; }
    public Option<int?> Window { get; }
    public Option<string?> Alignment { get; }
    public Option<string?> Task { get; }
    public Option<string?> Background { get; }
    public Option<string?> Protocol { get; }
    public Option<string?> ValidationProtocol { get; }
    public Option<bool> WithholdPairs { get; }
    public Option<string?> FactsTable { get; }
    public Option<int?> Tellings { get; }
    public Option<string?> TrainFile { get; }
    public Option<string?> ValidationFile { get; }
    public Option<string?> TrainText { get; }
    public Option<string?> ValidationText { get; }
    public Option<double?> Epochs { get; }
    public Option<int?> MaxTokens { get; }
    public Option<string?> Truncate { get; }
    public Option<int?> Longest { get; }
    public Option<string?> Encoding { get; }
    public Option<bool> EverySegment { get; }
    public Option<string> Stages { get; }
    public Option<int> Updates { get; }
    public Option<double> Rate { get; }
    public Option<double?> MemoryRate { get; }
    public Option<double?> HeadRate { get; }
    public Option<double> Warmup { get; }
    public Option<double> WeightDecay { get; }
    public Option<bool> FreezeBackbone { get; }
    public Option<int> Documents { get; }
    public Option<int> PartDocuments { get; }
    public Option<double> Mix { get; }
    public Option<double?> ClipNorm { get; }
    public Option<double?> ClipValue { get; }
    public Option<double?> Dropout { get; }
    public Option<int?> Depth { get; }
    public Option<bool> Replay { get; }
    public Option<bool> Recompute { get; }
    public Option<double?> TargetAccuracy { get; }
    public Option<int?> Patience { get; }
    public Option<int?> Restarts { get; }
    public Option<int> EvaluateEvery { get; }
    public Option<int> Validation { get; }
    public Option<int?> ValidationSegments { get; }
    public Option<long> Seed { get; }
    public Option<int> CheckpointEvery { get; }
    public Option<string> Device { get; }
    public Option<string> Dtype { get; }

    public Option<string> SaveDtype { get; }
    public Option<int> Threads { get; }

    public void AddTo(Command command)
    {
        foreach (var (option, _) in _all.Values)
            command.Add(option);
    }

    public bool Has(string name) => _all.ContainsKey(name);

    /// <summary>What was typed, by name.</summary>
    public Dictionary<string, string> Typed(ParseResult parsed) => _all
        .Select(entry => (Name: entry.Key, Said: parsed.GetResult(entry.Value.Option)))
        .Where(entry => entry.Said is { Implicit: false })
        .ToDictionary(entry => entry.Name, entry => entry.Said!.Tokens is [var token, ..] ? token.Value : "true");

    /// <summary>What holds, defaults included, but for what does not change the outcome.</summary>
    public JsonObject Effective(ParseResult parsed) => new(_all
        .Where(entry => !Passing.Contains(entry.Key) && entry.Value.Value(parsed) is not (null or false))
        .Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)JsonValue.Create(entry.Value.Value(parsed)))));

    /// <summary>Numbers of segments: <c>1..3,8</c> is 1, 2, 3, 8.</summary>
    public static bool TryStages(string text, out List<int> segments)
    {
        segments = [];
        foreach (var part in text.Split(','))
        {
            var ends = part.Split("..");
            if (ends.Length > 2 || ends.Any(end => Whole(end) is null or < 1 or > 1_000_000) || Whole(ends[0]) > Whole(ends[^1]))
                return false;
            var (first, last) = ((int)Whole(ends[0])!, (int)Whole(ends[^1])!);
            if (last - first > 10_000)
                return false;
            segments.AddRange(Enumerable.Range(first, last - first + 1));
        }
        return true;
    }

    private Option<T> Add<T>(string name, string? form, string description, T? orElse = default)
    {
        var option = new Option<T>($"--{name}") { HelpName = form, Description = description };
        if (orElse is not (null or false))
            option.DefaultValueFactory = _ => orElse;
        _all.Add(name, (option, parsed => parsed.GetValue(option)));
        return option;
    }

    private static void Allow(Option option, params string[] names) => Check(option, names.Contains, string.Join(", ", names));

    private static void Check(Option option, Func<string, bool> fits, string expected) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && !fits(token.Value))
            result.AddError($"{option.Name} must be {expected}; it is '{token.Value}'.");
    });

    private static long? Whole(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;

    [GeneratedRegex("^[1-9][0-9]{0,3}x[1-9][0-9]{0,5}x[1-9][0-9]{0,3}$")]
    private static partial Regex Shape();
}
