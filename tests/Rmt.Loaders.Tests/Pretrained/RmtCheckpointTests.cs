using Rmt.Adapter;
using Rmt.Bert;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Loaders.Tests.Pretrained;

public sealed class RmtCheckpointTests
{
    private static readonly HubCache NoCache = new(Path.Combine(Path.GetTempPath(), "no-such-cache"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_saved_loads_with_every_weight_and_every_answer_the_same(bool backboneTrained)
    {
        using var target = new TempFolder();
        var origin = Shared.Path("models", "minilm-rmt-reviews");
        var config = RmtConfig.Open(origin) with { BaseModel = Path.GetRelativePath(target.Path, origin) };
        const string text = "a long and winding film , and not a good one .";
        Classification before, after;
        using (var classifier = RmtCheckpoint.Load(origin, NoCache))
        {
            before = classifier.Classify(text);
            RmtCheckpoint.Save(target.Path, classifier, ModelFolder.Open(origin), config, backboneTrained);
        }
        Assert.Equal(backboneTrained, File.Exists(Path.Combine(target.Path, "model.safetensors")));
        using (var classifier = RmtCheckpoint.Load(target.Path, NoCache)) after = classifier.Classify(text);
        Assert.Equal(before.Prediction.Logits, after.Prediction.Logits);
        Assert.Equal(File.ReadAllBytes(Path.Combine(target.Path, RmtConfig.FileName)), config.ToBytes());
    }

    [Fact]
    public void Saving_a_model_of_another_type_and_again_writes_the_same_bytes()
    {
        using var first = new TempFolder();
        using var second = new TempFolder();
        var origin = ModelFolder.Open(Shared.Path("models", "minilm-rmt-reviews"));
        foreach (var folder in new[] { first, second })
        {
            using var classifier = RmtCheckpoint.Load(folder == first ? origin.Path : first.Path, NoCache, type: float16);
            RmtCheckpoint.Save(folder.Path, classifier, folder == first ? origin : ModelFolder.Open(first.Path), RmtConfig.Open(origin.Path), backboneTrained: true);
        }
        foreach (var name in new[] { "model.safetensors", "rmt_model.safetensors", "config.json", "vocab.txt", "rmt_config.json" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(first.Path, name)), File.ReadAllBytes(Path.Combine(second.Path, name)));
    }

    [Fact]
    public void A_model_without_its_backbone_is_not_saved_over_another_s()
    {
        using var copy = new ModelCopy("models", "minilm-rmt-reviews");
        var origin = ModelFolder.Open(Shared.Path("models", "minilm-rmt-reviews"));
        using var classifier = RmtCheckpoint.Load(origin.Path, NoCache);
        var before = File.ReadAllBytes(copy.FileOf("rmt_model.safetensors"));
        using (no_grad()) _ = classifier.Model.parameters().Last().add_(1);
        var error = Assert.Throws<IOException>(() => RmtCheckpoint.Save(copy.Path, classifier, origin, RmtConfig.Open(origin.Path), backboneTrained: false));
        Assert.Contains("holds another model's backbone", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(copy.FileOf("rmt_model.safetensors")));
        copy.Delete("model.safetensors");
        Assert.Contains("vocabulary", Assert.Throws<IOException>(() => RmtCheckpoint.Save(copy.Path, classifier, origin, RmtConfig.Open(origin.Path), backboneTrained: false)).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string[]> Damages => new()
    {
        { "no rmt_config.json", ["rmt_config.json", "plain model"] },
        { "no weights of memory and head", ["rmt_model.safetensors"] },
        { "another vocabulary", ["vocabulary", "30523", "30522"] },
        { "another segment size", ["segment_size", "498"] },
        { "another input size", ["input_size"] },
        { "more memory than saved", ["memory", "[11, 384]", "[10, 384]"] },
        { "another hidden size", ["hidden_size", "384"] },
        { "more layers", ["num_hidden_layers", "7", "6"] },
        { "an unknown activation", ["hidden_act", "mish", "gelu"] },
        { "another family", ["model_type", "t5", "bert"] },
        { "relative positions", ["position_embedding_type", "relative_key"] },
        { "a decoder", ["is_decoder"] },
        { "three labels", ["classifier.weight", "[3, 384]", "[2, 384]"] },
        { "an unknown alignment", ["segment_alignment"] },
        { "a language model", ["task_type", "SEQ_CLS"] },
        { "truncated weights", ["model.safetensors"] },
    };

    [Theory, MemberData(nameof(Damages))]
    public void A_damaged_folder_is_refused_in_words_that_name_the_place_and_leaves_no_tensor(string damage, string[] words)
    {
        using var copy = new ModelCopy("models", "minilm-rmt-reviews");
        switch (damage)
        {
            case "no rmt_config.json": copy.Delete("rmt_config.json"); break;
            case "no weights of memory and head": copy.Delete("rmt_model.safetensors"); break;
            case "another vocabulary":
                copy.Delete("tokenizer.json");
                File.WriteAllLines(copy.FileOf("vocab.txt"), File.ReadLines(copy.FileOf("vocab.txt")).Append("onetokenmore").ToArray());
                break;
            case "another segment size": copy.Set("rmt_config.json", "segment_size", 498); break;
            case "another input size":
                copy.Set("rmt_config.json", "input_size", 1024);
                copy.Set("rmt_config.json", "segment_size", 1011);
                break;
            case "more memory than saved":
                copy.Set("rmt_config.json", "num_mem_tokens", 11);
                copy.Set("rmt_config.json", "segment_size", 498);
                break;
            case "another hidden size": copy.Set("config.json", "hidden_size", 768); break;
            case "more layers": copy.Set("config.json", "num_hidden_layers", 7); break;
            case "an unknown activation": copy.Set("config.json", "hidden_act", "mish"); break;
            case "another family": copy.Set("config.json", "model_type", "t5"); break;
            case "relative positions": copy.Set("config.json", "position_embedding_type", "relative_key"); break;
            case "a decoder": copy.Set("config.json", "is_decoder", true); break;
            case "three labels":
                copy.Set("rmt_config.json", "id2label", new System.Text.Json.Nodes.JsonObject { ["0"] = "a", ["1"] = "b", ["2"] = "c" });
                copy.Set("rmt_config.json", "label2id", new System.Text.Json.Nodes.JsonObject { ["a"] = 0, ["b"] = 1, ["c"] = 2 });
                break;
            case "an unknown alignment": copy.Set("rmt_config.json", "segment_alignment", "middle"); break;
            case "a language model": copy.Set("rmt_config.json", "task_type", "CAUSAL_LM"); break;
            default:
                using (var file = File.OpenWrite(copy.FileOf("model.safetensors"))) file.SetLength(file.Length / 2);
                break;
        }
        var before = Leaks.Baseline();
        var error = Assert.Throws<LoadException>(() => RmtCheckpoint.Load(copy.Path, NoCache));
        foreach (var word in words) Assert.Contains(word, error.Message, StringComparison.Ordinal);
        Leaks.Same(before);
    }

    [Fact]
    public void A_checkpoint_without_a_pooler_cannot_classify()
    {
        using var copy = new ModelCopy("golden", "bert-random", "sharded-bf16-mlm");
        using var bert = BertCheckpoint.Load(ModelFolder.Open(copy.Path));
        using var scope = NewDisposeScope();
        Assert.False(bert.HasPooler);
        Assert.Throws<InvalidOperationException>(() => bert.Pool(zeros([1, 1, bert.Config.HiddenSize])));
    }

    /// <summary>The tables that are looked at by name fit, and 16 MB of them; attention of this width would take 16 TB.</summary>
    [Fact]
    public void A_configuration_that_describes_more_than_the_file_holds_is_refused_before_anything_is_allocated()
    {
        using var folder = new TempFolder();
        using var scope = NewDisposeScope();
        const int wide = 1 << 21;
        var row = zeros([1, wide], bfloat16);
        string[] names = ["embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight", "embeddings.token_type_embeddings.weight", "encoder.layer.0.intermediate.dense.weight"];
        TensorWriter.Write(folder["model.safetensors"], names.Select(name => (name, row)));
        _ = folder.Write("config.json", $$"""{"model_type":"bert","vocab_size":1,"hidden_size":{{wide}},"num_hidden_layers":1,"num_attention_heads":1,"intermediate_size":1,"max_position_embeddings":1,"type_vocab_size":1}""");
        var before = Leaks.Baseline();
        var error = Assert.Throws<LoadException>(() => BertCheckpoint.Load(ModelFolder.Open(folder.Path)));
        Assert.Contains("holds 8388608 numbers; the backbone that config.json (hidden_size", error.Message, StringComparison.Ordinal);
        Leaks.Same(before);
    }

    [Fact]
    public void Old_names_prefixes_shards_and_leftovers_are_one_report()
    {
        BertCheckpoint.Load(ModelFolder.Open(Shared.Path("models", "minilm-l6")), out var plain).Dispose();
        Assert.DoesNotContain("embeddings.position_ids", plain.Unexpected);
        Assert.Contains("pooler.dense.weight", plain.Loaded);
        BertCheckpoint.Load(ModelFolder.Open(Shared.Path("golden", "bert-random", "sharded-bf16-mlm")), out var sharded).Dispose();
        Assert.Empty(sharded.Unexpected);
        Assert.Contains(sharded.LeftAside, name => name.StartsWith("cls.", StringComparison.Ordinal));
        BertCheckpoint.Load(ModelFolder.Open(Shared.Path("golden", "bert-random", "gelu-new-old-names")), out var old).Dispose();
        Assert.Contains("embeddings.LayerNorm.weight", old.Loaded);
    }
}
