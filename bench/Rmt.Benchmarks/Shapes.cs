using Rmt.Bert;

namespace Rmt.Benchmarks;

/// <summary>The BERTs that are measured, by the names of --shape.</summary>
internal static class Shapes
{
    public const int Vocabulary = 30522;

    public static BertConfig Of(string shape)
    {
        var (layers, hidden, heads, inner) = shape switch
        {
            "tiny" => (2, 48, 4, 96),
            "mini" => (6, 384, 12, 1536),
            "base" => (12, 768, 12, 3072),
            _ => throw new ArgumentException($"no shape '{shape}'", nameof(shape)),
        };
        return new() { VocabSize = Vocabulary, Layers = layers, HiddenSize = hidden, Heads = heads, IntermediateSize = inner };
    }
}
