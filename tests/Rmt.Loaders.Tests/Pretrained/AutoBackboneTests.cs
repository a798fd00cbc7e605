using System.Text.Json.Nodes;
using Rmt.Adapter;
using Rmt.Bert;
using Rmt.Roberta;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Loaders.Tests.Pretrained;

public sealed class AutoBackboneTests
{
    private static readonly string[] Saved = ["roberta", "distilbert", "electra", "electra-projected", "gpt2"];

    public static TheoryData<string> Folders => [.. Saved];

    [Theory, MemberData(nameof(Folders))]
    public void The_family_is_chosen_by_model_type_and_heads_are_reported_and_left_aside(string folder)
    {
        var files = ModelFolder.Open(Shared.Path("golden", "backbones", folder));
        using var backbone = AutoBackbone.Load(files, out var report);
        Assert.Equal($"{files.Config.Text("model_type")}backbone", backbone.GetType().Name, ignoreCase: true);
        Assert.Equal(folder == "electra-projected" ? 32 : backbone.HiddenSize, backbone.EmbeddingSize);
        Assert.Contains(folder == "gpt2" ? "score." : "classifier.", string.Join(' ', report.LeftAside), StringComparison.Ordinal);
        Assert.Equal(backbone.Module.named_parameters().Count(), report.Loaded.Count);
    }

    public static TheoryData<string, string, JsonNode, string[]> Refusals => new()
    {
        { "roberta", "position_embedding_type", "relative_key_query", ["position_embedding_type", "relative_key_query", "\"absolute\""] },
        { "electra", "position_embedding_type", "relative_key", ["position_embedding_type", "relative_key", "\"absolute\""] },
        { "roberta", "hidden_act", "mish", ["hidden_act", "mish", "gelu, gelu_new"] },
        { "electra", "hidden_act", "mish", ["hidden_act", "mish", "gelu, gelu_new"] },
        { "distilbert", "activation", "mish", ["activation", "mish", "gelu, gelu_new"] },
        { "roberta", "is_decoder", true, ["is_decoder", "encoder"] },
        { "electra", "model_type", "deberta-v2", ["model_type", "deberta-v2", "bert, distilbert, electra"] },
        { "electra", "model_type", "roberta", ["roberta", "no tensor", "'embeddings.word_embeddings.weight'"] },
        { "electra", "embedding_size", 28, ["embedding_size", "[1536, 56]", "[1536, 28]"] },
        { "electra-projected", "hidden_size", 32, ["hidden_size", "32"] },
        { "distilbert", "n_layers", 3, ["n_layers", "2", "3"] },
        { "distilbert", "n_heads", 5, ["n_heads", "5", "48"] },
        { "gpt2", "n_layer", 4, ["n_layer", "3", "4"] },
        { "gpt2", "activation_function", "mish", ["activation_function", "mish", "gelu, gelu_new"] },
        { "gpt2", "scale_attn_by_inverse_layer_idx", true, ["scale_attn_by_inverse_layer_idx", "false"] },
        { "gpt2", "n_inner", 128, ["n_inner", "[64, 256]", "[64, 128]"] },
        { "roberta", "max_position_embeddings", 2, ["max_position_embeddings", "2"] },
        { "roberta", "vocab_size", 2401, ["vocab_size", "2401", "2400"] },
    };

    [Theory, MemberData(nameof(Refusals))]
    public void What_is_not_supported_is_named_with_what_is(string folder, string key, JsonNode value, string[] words)
    {
        using var copy = new ModelCopy("golden", "backbones", folder);
        copy.Set("config.json", key, value.DeepClone());
        var before = Leaks.Baseline();
        var error = Assert.Throws<LoadException>(() => AutoBackbone.Load(ModelFolder.Open(copy.Path)));
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
        Leaks.Same(before);
    }

    [Theory, MemberData(nameof(Folders))]
    public void Pickled_weights_are_not_read_and_the_way_out_is_told(string folder)
    {
        using var copy = new ModelCopy("golden", "backbones", folder);
        File.Move(copy.FileOf("model.safetensors"), copy.FileOf("pytorch_model.bin"));
        Assert.Contains("safe_serialization=True", Assert.Throws<LoadException>(() => AutoBackbone.Load(ModelFolder.Open(copy.Path))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_family_of_ones_own_is_registered_by_its_model_type()
    {
        using var folder = new TempFolder();
        using var scope = NewDisposeScope();
        AutoBackbone.Register("my-family", (config, dropout) =>
        {
            var sizes = Tiny.Bert with { HiddenSize = config.Positive("width"), HiddenDropout = dropout ?? 0 };
            return new() { Make = names => new BertBackbone(new BertModel(sizes, initialize: names is null)), VocabularySize = sizes.VocabSize, Prefix = "mine." };
        });
        Assert.Contains("my-family", AutoBackbone.ModelTypes);
        _ = folder.Write("config.json", """{"model_type":"my-family","width":32}""");
        using var first = AutoBackbone.New(ModelFolder.OpenAny(folder.Path));
        TensorWriter.Write(folder["model.safetensors"], first.Module.named_parameters().Select(entry => ($"mine.{entry.name}", (Tensor)entry.parameter)));
        using var second = AutoBackbone.Load(ModelFolder.Open(folder.Path));
        var ids = tensor(new long[] { 5, 6, 7 }, [1, 3]);
        first.Module.eval();
        second.Module.eval();
        Near.Equal(first.Encode(first.Embed(ids), null, ..), second.Encode(second.Embed(ids), null, ..), 0, "hidden states");
        Assert.Equal(32, second.HiddenSize);
    }

    // It was cast to BERT's own class, whatever had been made.
    [Fact]
    public void BERT_is_loaded_as_BERT_where_another_class_was_registered_in_its_place()
    {
        var files = ModelFolder.Open(Shared.Path("models", "minilm-l6"));
        var before = Leaks.Baseline();
        AutoBackbone.Register(BertCheckpoint.ModelType, RobertaCheckpoint.Plan);
        try
        {
            using (var backbone = AutoBackbone.Load(files)) Assert.IsType<RobertaBackbone>(backbone);
            using var bert = BertCheckpoint.Load(files, out var report);
            Assert.Equal(bert.named_parameters().Count(), report.Loaded.Count);
        }
        finally
        {
            AutoBackbone.Register(BertCheckpoint.ModelType, BertCheckpoint.Plan);
        }
        Leaks.Same(before);
    }

    [Theory]
    [InlineData("distilbert", "pre_classifier.weight")]
    [InlineData("electra", "classifier.out_proj.weight")]
    [InlineData("electra-projected", "memory_projection.weight")]
    public void A_classifier_of_any_family_is_saved_under_its_own_names_and_loads_the_same(string folder, string name)
    {
        using var target = new TempFolder();
        var cache = new HubCache(target["no-cache"]);
        var origin = ModelFolder.Open(Shared.Path("golden", "backbones", folder));
        const string text = "the people of the United States, in order to form a more perfect union, and so on for a long time";
        var config = new RmtConfig { TaskType = RmtConfig.Classification, MemoryTokens = 4, SegmentSize = 9, InputSize = 16, Labels = ["a", "b", "c"] };
        IReadOnlyList<float> before;
        using (var classifier = RmtCheckpoint.Begin(origin, new(config.Labels), memoryTokens: 4, window: 16))
        {
            before = classifier.Classify(text).Prediction.Logits;
            RmtCheckpoint.Save(target.Path, classifier, origin, config, backboneTrained: true);
        }
        using (var saved = Checkpoint.Open(target[RmtCheckpoint.WeightsName])) Assert.Contains(name, saved.Entries.Select(entry => entry.Name));
        using var loaded = RmtCheckpoint.Load(target.Path, cache);
        var after = loaded.Classify(text).Prediction.Logits;      // weights lie otherwise for reading, and sums are rounded otherwise
        Assert.All(before.Zip(after), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }
}
