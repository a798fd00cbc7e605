using System.Globalization;
using System.Text.Json;
using Rmt.Adapter;
using Rmt.Bert;
using Rmt.Loaders;
using TorchSharp;

namespace Rmt.Benchmarks;

/// <summary>A small random BERT with memory and head, saved as a user's would be, and texts in its vocabulary.</summary>
internal static class SmallModel
{
    private const int Words = 1000, FirstWord = 5;
    private static readonly string[] Labels = ["no", "yes"];

    /// <summary>2 layers, H = 64, windows of 512 tokens, m = 10.</summary>
    public static BertConfig Config { get; } = new() { VocabSize = FirstWord + Words, HiddenSize = 64, Layers = 2, Heads = 4, IntermediateSize = 256, MaxPositions = 512 };

    /// <summary>A classifier in evaluation mode, the same every time.</summary>
    public static RecurrentClassifier Create(BertConfig config, int memoryTokens)
    {
        torch.manual_seed(1);
        var model = new RecurrentClassifier(new(new BertBackbone(new BertModel(config)), new(config.MaxPositions, memoryTokens, new(Pad: 0, Cls: 2, Sep: 3))), Labels.Length);
        model.eval();
        return model;
    }

    /// <summary>Writes a saved classifier into an empty folder.</summary>
    public static void Save(string folder)
    {
        const int MemoryTokens = 10;
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(0, Words).Select(Word)]);
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["model_type"] = "bert", ["vocab_size"] = Config.VocabSize, ["hidden_size"] = Config.HiddenSize, ["num_hidden_layers"] = Config.Layers,
            ["num_attention_heads"] = Config.Heads, ["intermediate_size"] = Config.IntermediateSize, ["max_position_embeddings"] = Config.MaxPositions,
        }));
        using var classifier = new DocumentClassifier(WordPieceTokenizer.Load(folder), new(new(Config.MaxPositions, MemoryTokens, new(0, 2, 3))), Create(Config, MemoryTokens), new(Labels));
        var config = new RmtConfig
        {
            TaskType = RmtConfig.Classification, MemoryTokens = MemoryTokens, InputSize = Config.MaxPositions,
            SegmentSize = classifier.Segmenter.Layout.TokensPerSegment, Labels = Labels,
        };
        RmtCheckpoint.Save(folder, classifier, ModelFolder.OpenAny(folder), config, backboneTrained: true);
    }

    /// <summary>Writes a text of exactly so many tokens.</summary>
    public static void WriteText(string path, int tokens)
    {
        var dice = new Random(tokens);
        using var text = new StreamWriter(path);
        for (var i = 1; i <= tokens; i++)
        {
            text.Write(Word(dice.Next(Words)));
            text.Write(i % 16 == 0 ? '\n' : ' ');
        }
    }

    // aaa, aab, … : letters only, so that each is one token.
    private static string Word(int index) => string.Create(CultureInfo.InvariantCulture, $"{(char)('a' + index / 676)}{(char)('a' + index / 26 % 26)}{(char)('a' + index % 26)}");
}
