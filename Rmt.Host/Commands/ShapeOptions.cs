using System.CommandLine;
using Rmt.Adapter;

namespace Rmt.Host.Commands;

/// <summary>Which transformers <c>rmt flops</c> compares: by name, or one of any sizes.</summary>
internal sealed class ShapeOptions
{
    private const int OptVocabulary = 50272;
    private const string OwnName = "own";

    // Zhang et al., arXiv 2205.01068, table 1, with the vocabulary of the released models; BERT without a head over its vocabulary.
    private static readonly Dictionary<string, TransformerShape> Named = new()
    {
        ["opt-125m"] = Opt(12, 768, 12),
        ["opt-350m"] = Opt(24, 1024, 16),
        ["opt-1.3b"] = Opt(24, 2048, 32),
        ["opt-2.7b"] = Opt(32, 2560, 32),
        ["opt-6.7b"] = Opt(32, 4096, 32),
        ["opt-13b"] = Opt(40, 5120, 40),
        ["opt-30b"] = Opt(48, 7168, 56),
        ["opt-66b"] = Opt(64, 9216, 72),
        ["opt-175b"] = Opt(96, 12288, 96),
        ["bert-base"] = new(12, 768, 12, 3072, 0),
        ["bert-large"] = new(24, 1024, 16, 4096, 0),
    };

    private static readonly string[] Figure3 = ["opt-125m", "opt-1.3b", "opt-6.7b", "opt-30b", "opt-175b"];

    private readonly Argument<string[]> _names = new("SHAPE")
    {
        HelpName = "SHAPE",     // or the list of verbs shows every name
        Arity = ArgumentArity.ZeroOrMore,
        Description = $"{string.Join(", ", Named.Keys)}. [default: those of figure 3, {string.Join(", ", Figure3)}]",
    };

    private readonly Option<int?> _layers = Size("--layers", "Layers of a transformer of your own, 1 to 1000000.");
    private readonly Option<int?> _hidden = Size("--hidden", "Its hidden size.");
    private readonly Option<int?> _heads = Size("--heads", "Attention heads of each of its layers.");
    private readonly Option<int?> _ffn = Size("--ffn", "Width inside its feed-forward part. [default: 4 × --hidden]");
    private readonly Option<int?> _vocabulary = Size("--vocabulary", "Tokens it predicts one of at every place. [default: none, as a classifier]");

    public void AddTo(Command command)
    {
        CommonOptions.RefuseOptions(_names);
        _ = _names.AcceptOnlyFromAmong([.. Named.Keys]);
        command.Add(_names);
        Option<int?>[] needed = [_layers, _hidden, _heads], own = [.. needed, _ffn, _vocabulary];
        foreach (var option in own)
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (own.Any(option => result.GetResult(option) is not null) && needed.FirstOrDefault(option => result.GetResult(option) is null) is { } lacking)
                result.AddError($"a transformer of your own needs {string.Join(", ", needed.Select(option => option.Name))}; {lacking.Name} is not given.");
        });
    }

    /// <summary>Those asked for, in order, one's own last.</summary>
    public IReadOnlyList<(string Name, TransformerShape Shape)> Shapes(ParseResult parsed)
    {
        var names = parsed.GetValue(_names) is { Length: > 0 } given ? given.Distinct() : parsed.GetValue(_layers) is null ? Figure3 : [];
        var shapes = names.Select(name => (name, Named[name])).ToList();
        if (parsed.GetValue(_layers) is { } layers && parsed.GetValue(_hidden) is { } hidden)
            shapes.Add((OwnName, new(layers, hidden, parsed.GetValue(_heads)!.Value, parsed.GetValue(_ffn) ?? 4 * hidden, parsed.GetValue(_vocabulary) ?? 0)));
        return shapes;
    }

    private static TransformerShape Opt(int layers, int hidden, int heads) => new(layers, hidden, heads, 4 * hidden, OptVocabulary);

    private static Option<int?> Size(string name, string description)
    {
        var option = new Option<int?>(name) { HelpName = "N", Description = description };
        CommonOptions.Within(option, 1, 1_000_000);
        return option;
    }
}
