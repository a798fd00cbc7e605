using Rmt.Adapter;
using Rmt.Bert;
using static TorchSharp.torch;

namespace Rmt.Testing;

/// <summary>A small random BERT under the adapter, the same for the same seed.</summary>
public static class Tiny
{
    public const int Vocabulary = 60;

    public static SpecialTokens Special { get; } = new(Pad: 0, Cls: 1, Sep: 2);

    public static BertConfig Bert { get; } = new()
    {
        VocabSize = Vocabulary, HiddenSize = 16, Layers = 2, Heads = 4, IntermediateSize = 24, MaxPositions = 24, InitializerRange = 0.2,
    };

    /// <summary>Windows of 24 tokens; with 4 memory tokens 17 of them are the document's.</summary>
    public static SegmentLayout Layout(int memoryTokens = 4) => new(Bert.MaxPositions, memoryTokens, Special);

    public static RecurrentClassifier Classifier(int memoryTokens = 4, int labels = 3, int seed = 7, double dropout = 0.1, Fusion fusion = Fusion.OnDevices)
    {
        random.manual_seed(seed);
        var config = Bert with { HiddenDropout = dropout, AttentionDropout = dropout };
        var model = new RecurrentClassifier(new(new BertBackbone(new BertModel(config) { Fusion = fusion }), Layout(memoryTokens)), labels);
        model.eval();
        return model;
    }

    /// <summary>Content tokens, no special ones among them.</summary>
    public static int[] Document(Random dice, int length) => [.. Enumerable.Range(0, length).Select(_ => dice.Next(3, Vocabulary))];
}
