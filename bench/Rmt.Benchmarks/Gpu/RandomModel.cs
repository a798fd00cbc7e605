using Rmt.Adapter;
using Rmt.Bert;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Benchmarks.Gpu;

/// <summary>A random classifier as the rivals have it: windows of 512 tokens, ten of memory, six labels.</summary>
internal static class RandomModel
{
    public const int MemoryTokens = 10, Labels = 6, FirstWord = 1000, Seed = 7;

    /// <summary>In evaluation mode; how it reads is to be said yet, see <see cref="Way.Take"/>.</summary>
    /// <param name="shape">A name of <see cref="Shapes"/>.</param>
    /// <param name="type">Of the weights.</param>
    /// <param name="device">Where they are.</param>
    public static RecurrentClassifier Create(string shape, ScalarType type, Device device)
    {
        manual_seed(Seed);
        var config = Shapes.Of(shape);
        var model = new RecurrentClassifier(new(new BertBackbone(new BertModel(config)), Layout(config.MaxPositions)), Labels);
        model.eval();
        model.to(device, type);
        return model;
    }

    public static SegmentLayout Layout(int window) => new(window, MemoryTokens, new(Pad: 0, Cls: 101, Sep: 102));

    /// <summary>Content tokens.</summary>
    public static int[] Tokens(int count)
    {
        var dice = new Random(Seed);
        return [.. Enumerable.Range(0, count).Select(_ => dice.Next(FirstWord, Shapes.Vocabulary))];
    }
}
