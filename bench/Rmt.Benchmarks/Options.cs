using System.Globalization;

namespace Rmt.Benchmarks;

/// <summary>The command line.</summary>
internal sealed record Options
{
    public const string Help =
        """
          --shape mini,base      models of 'segment': mini 6 × 384, base 12 × 768 (slow), tiny 2 × 48 (default: mini)
          --batch 1,8            windows side by side in 'segment' (default: 1,8)
          --dtype fp32,bf16      number types of 'segment' (default: both; bf16 is very slow on a CPU without AVX512)
          --device cpu|cuda      where 'segment' computes (default: cpu)
          --pairs N              measurements of each side, taken in turns, 1 or more (default: 5)
          --seconds S            length of one measurement; one call at least (default: 2)
          --limit S              seconds that one line of 'segment' may take; fewer pairs, or none, fit a slow type (default: 120)
          --threads N            threads of one operation (default: 1)
          --model DIR            tokenizer of 'tokenizing'; the names behind 'tokenizing' are its files
          --segments N           segments that 'soak' reads, 1,000 or more (default: 100000)
        """;

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
    public int Segments { get; private init; } = 100_000;
    public bool WantsHelp { get; private init; }

    /// <exception cref="FormatException">Says what is wrong with which argument.</exception>
    public static Options Parse(IReadOnlyList<string> arguments)
    {
        var options = new Options();
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            if (name is "--help" or "-h") options = options with { WantsHelp = true };
            else if (!name.StartsWith('-') && options.Names.Contains("tokenizing")) options = options with { Files = [.. options.Files, name] };
            else if (!name.StartsWith('-')) options = options with { Names = [.. options.Names, name] };
            else if (i + 1 == arguments.Count) throw new FormatException($"{name} needs a value, or is unknown");
            else options = options.With(name, arguments[++i]);
        }
        return options;
    }

    private Options With(string name, string value) => name switch
    {
        "--model" => this with { Model = value },
        "--shape" => this with { Shapes = Among(name, value, "tiny", "mini", "base") },
        "--batch" => this with { Batches = [.. value.Split(',').Select(part => (int)Number(name, part, whole: true))] },
        "--dtype" => this with { Types = Among(name, value, "fp32", "bf16") },
        "--device" => this with { Device = Among(name, value, "cpu", "cuda") is [var one] ? one : throw new FormatException("--device takes one device") },
        "--pairs" => this with { Pairs = (int)Number(name, value, whole: true) },
        "--seconds" => this with { Seconds = Number(name, value) },
        "--limit" => this with { Limit = Number(name, value) },
        "--threads" => this with { Threads = (int)Number(name, value, whole: true) },
        "--segments" => this with { Segments = Number(name, value, whole: true, most: 1e9) is var number and >= 1000 ? (int)number : throw new FormatException($"{name} is 1,000 or more, found '{value}'") },
        _ => throw new FormatException($"unknown option {name}; --help lists them"),
    };

    private static string[] Among(string name, string value, params string[] known)
    {
        var parts = value.Split(',');
        return parts.Except(known).FirstOrDefault() is not { } other ? parts
            : throw new FormatException($"{name} is one or more of {string.Join(", ", known)}, separated by commas; found '{other}'");
    }

    private static double Number(string name, string value, bool whole = false, double most = 1e6) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0 && number < most && (!whole || number == Math.Floor(number))
            ? number
            : throw new FormatException($"{name} takes a {(whole ? "whole " : "")}number greater than 0, found '{value}'");
}
