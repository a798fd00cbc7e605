using System.Globalization;
using Rmt.Adapter;
using Rmt.Benchmarks.Gpu;

namespace Rmt.Benchmarks;

/// <summary>The command line.</summary>
internal sealed record Options
{
    public const string Help =
        """
          --shape mini,base      models of 'segment', 'training' and 'generate': mini 6 × 384, base 12 × 768 (slow), tiny 2 × 48 (default: mini; of 'gpu' base,mini)
          --batch 1,8            windows side by side in 'segment', documents of an update in 'training' (default: 1,8; of 'gpu' 1,8,32,128)
          --dtype fp32,bf16      number types of 'segment' and 'generate'; in 'training' and 'finetuning' bf16 is autocast (default: both, very slow on a CPU without
                                 AVX512; of 'finetuning' one: bf16 on cuda, fp32 on cpu; of 'gpu' one, bf16, or fp16, which it only reads in)
          --device cpu|cuda      where 'segment', 'training', 'finetuning' and 'generate' compute (default: cpu)
          --pairs N              measurements of each side, taken in turns, 1 or more (default: 5; of the steps of 'gpu' 1)
          --seconds S            length of one measurement; one call at least (default: 2)
          --limit S              seconds that one line of 'segment' may take; fewer pairs, or none, fit a slow type (default: 120);
                                 of 'gpu' all parts together (default: 540)
          --threads N            threads of one operation (default: 1)
          --minutes N            'service' reads documents of mixed lengths for so long and looks whether anything grows, instead of measuring
          --model DIR            tokenizer of 'tokenizing', or what 'service' serves (default: the embedded model); the names behind 'tokenizing' are its files
          --segments N,…         segments that 'soak' reads (one number of 1,000 or more; default: 100000), or of a document in 'training' (default: 7;
                                 of 'gpu' the long one, 4096; with
                                 --gradients: 2,4,8,16,32)
          --method NAME,…        how 'training' propagates back: plain, replay, recompute (all graphs kept, but for the inside of layers); how 'finetuning' reads: first_512, head_tail, window_mean, rmt,
                                 rmt_every_segment (default: all)
          --plain-ops            'training' learns in layers as they are written; without it in fused steps, where the device has them
          --distance             'training' measures how far gradients in fused steps and in layers as they are written are from those in fp32
          --gradients            'training' compares the gradients of replay and of the whole graph, with and without dropout, and what they hold of memory
          --model DIR            of 'finetuning': a pretrained BERT
          --data DIR             of 'finetuning': train.jsonl, valid.jsonl, test.jsonl, an object with text and label (neg or pos) a line
          --seed N,…             trainings of each method of 'finetuning' (default: 1,2,3)
          --epochs N             of 'finetuning' (default: 8)
          --memory-tokens N,…    of the RMTs of 'finetuning', 1 to 500 (default: 10)
          --curriculum           the RMTs of 'finetuning' read one segment for a quarter of the epochs, then all
          --parts NAME[:S],…     of 'gpu': steps, document, mixed, training, precision, fault, soak (default: all; precision needs --model and --data), each for S seconds at most
          --short                'gpu' in little time: base alone, shorter measurements, a document of 512 segments, 10,000 steps, rivals that need no compiling
          --gelu exact|fast      the form in which 'gpu' reads (default: both beside each other; exact where one is measured)
          --rivals DIR           of 'gpu': infer.py and train.py in Python (default: rivals in RMT_SHARED, or in ../shared)
          --variant NAME,…       which of them (default: graphs, then what is compiled, a bound, and all of training)
          --steps N              of the soak of 'gpu' (default: 100000)
          --model DIR, --data FILE,…   of 'gpu': a saved model and documents, an object with text a line, read in three precisions
          --output FILE          results of 'finetuning', a line each; those that are there are not done again. FILE.md is the table (default: finetuning.jsonl)
        """;

    // Of the rivals in Python, those that were the best of a line somewhere, and one bound.
    private static readonly string[] KnownVariants =
    [
        "hf-graph", "bare-graph", "gemm-sdpa-floor", "hf-compile", "bare-compile", "hf-plain", "bare-plain", "hf-checkpoint", "bare-checkpoint", "hf-replay", "bare-replay",
    ];

    /// <summary>The options that were given, as they are written.</summary>
    public IReadOnlySet<string> Given { get; private init; } = new HashSet<string>();

    public IReadOnlyList<string> Names { get; private init; } = [];
    public IReadOnlyList<string> Files { get; private init; } = [];
    public string? Model { get; private init; }
    public IReadOnlyList<string> Shapes { get; private init; } = ["mini"];
    public IReadOnlyList<int> Batches { get; private init; } = [1, 8];
    public IReadOnlyList<string> Types { get; private init; } = ["fp32", "bf16"];
    public string Device { get; private init; } = "cpu";
    public int Pairs { get; private init; } = 5;
    public double Seconds { get; private init; } = 2;
    public double Limit { get; private init; } = 120;
    public int Threads { get; private init; } = 1;
    public double? Minutes { get; private init; }
    public IReadOnlyList<int> Segments { get; private init; } = [];
    public IReadOnlyList<string> Methods { get; private init; } = [];
    public bool Gradients { get; private init; }
    public bool PlainOps { get; private init; }
    public bool Distance { get; private init; }
    public string? Data { get; private init; }
    public IReadOnlyList<int> Seeds { get; private init; } = [1, 2, 3];
    public int Epochs { get; private init; } = 8;
    public IReadOnlyList<int> MemoryTokens { get; private init; } = [10];
    public bool Curriculum { get; private init; }
    public string Output { get; private init; } = "finetuning.jsonl";

    /// <summary>Names, and seconds where they were said.</summary>
    public IReadOnlyDictionary<string, double?> Parts { get; private init; } = new Dictionary<string, double?>();

    public bool Short { get; private init; }
    public GeluForm? Gelu { get; private init; }
    public IReadOnlyList<string> Variants { get; private init; } = KnownVariants;
    public string? Rivals { get; private init; }
    public int Steps { get; private init; } = 100_000;
    public bool WantsHelp { get; private init; }

    /// <exception cref="FormatException">Says what is wrong with which argument.</exception>
    public static Options Parse(IReadOnlyList<string> arguments)
    {
        var options = new Options();
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            if (name is "--help" or "-h") options = options with { WantsHelp = true };
            else if (name == "--gradients") options = options with { Gradients = true };
            else if (name == "--plain-ops") options = options with { PlainOps = true };
            else if (name == "--distance") options = options with { Distance = true };
            else if (name == "--short") options = options with { Short = true };
            else if (name == "--curriculum") options = options with { Curriculum = true };
            else if (!name.StartsWith('-') && options.Names.Contains("tokenizing")) options = options with { Files = [.. options.Files, name] };
            else if (!name.StartsWith('-')) options = options with { Names = [.. options.Names, name] };
            else if (i + 1 == arguments.Count) throw new FormatException($"{name} needs a value, or is unknown");
            else options = options.With(name, arguments[++i]);
        }
        if (options.Types.Contains("fp16") && options.Names is not ["gpu"]) throw new FormatException("--dtype fp16 is for 'gpu' alone: only fused steps on a device read in it");
        return options;
    }

    private Options With(string name, string value) => Taken(name, value) with { Given = new HashSet<string>(Given) { name } };

    private Options Taken(string name, string value) => name switch
    {
        "--model" => this with { Model = value },
        "--shape" => this with { Shapes = Among(name, value, "tiny", "mini", "base") },
        "--batch" => this with { Batches = Numbers(name, value, most: 1e6) },
        "--dtype" => this with { Types = Among(name, value, "fp32", "bf16", "fp16") },
        "--device" => this with { Device = Among(name, value, "cpu", "cuda") is [var one] ? one : throw new FormatException("--device takes one device") },
        "--pairs" => this with { Pairs = (int)Number(name, value, whole: true) },
        "--seconds" => this with { Seconds = Number(name, value) },
        "--minutes" => this with { Minutes = Number(name, value) },
        "--limit" => this with { Limit = Number(name, value) },
        "--threads" => this with { Threads = (int)Number(name, value, whole: true) },
        "--segments" => this with { Segments = Numbers(name, value) },
        "--data" => this with { Data = value },
        "--output" => this with { Output = value },
        "--epochs" => this with { Epochs = (int)Number(name, value, whole: true) },
        "--seed" => this with { Seeds = Numbers(name, value) },
        "--memory-tokens" => this with { MemoryTokens = Numbers(name, value, most: 501) },
        "--parts" => this with { Parts = Timed(name, value, [.. GpuBenchmark.Parts.Select(part => part.Name)]) },
        "--gelu" => this with { Gelu = Among(name, value, "exact", "fast") switch { ["exact"] => GeluForm.Exact, ["fast"] => GeluForm.Fast, _ => throw new FormatException("--gelu takes one form") } },
        "--variant" => this with { Variants = Among(name, value, KnownVariants) },
        "--rivals" => this with { Rivals = value },
        "--steps" => this with { Steps = (int)Number(name, value, whole: true, most: 1e9) },
        "--method" => this with { Methods = value.Split(',') },
        _ => throw new FormatException($"unknown option {name}; --help lists them"),
    };

    /// <summary>The methods that were asked for, all known ones where none was.</summary>
    /// <exception cref="FormatException">One that is not known.</exception>
    public IReadOnlyList<string> MethodsAmong(IEnumerable<string> known) => Methods.Count == 0 ? [.. known] : Among("--method", string.Join(',', Methods), [.. known]);

    private static string[] Among(string name, string value, params string[] known)
    {
        var parts = value.Split(',');
        return parts.Except(known).FirstOrDefault() is not { } other ? parts
            : throw new FormatException($"{name} is one or more of {string.Join(", ", known)}, separated by commas; found '{other}'");
    }

    // NAME or NAME:SECONDS, each name once.
    private static Dictionary<string, double?> Timed(string name, string value, params string[] known)
    {
        var parts = new Dictionary<string, double?>();
        foreach (var part in value.Split(','))
        {
            var cut = part.Split(':', 2);
            if (!parts.TryAdd(Among(name, cut[0], known)[0], cut.Length > 1 ? Number(name, cut[1]) : null)) throw new FormatException($"{name} names {cut[0]} twice");
        }
        return parts;
    }

    private static int[] Numbers(string name, string value, double most = 1e9) => [.. value.Split(',').Select(part => (int)Number(name, part, whole: true, most))];

    private static double Number(string name, string value, bool whole = false, double most = 1e6) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0 && number < most && (!whole || number == Math.Floor(number))
            ? number
            : throw new FormatException($"{name} takes a {(whole ? "whole " : "")}number greater than 0, found '{value}'");
}
