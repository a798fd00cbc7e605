using Rmt.Adapter;
using Rmt.Testing;
using static TorchSharp.torch;

namespace Rmt.Loaders.Tests.Pretrained;

public sealed class LanguageCheckpointTests
{
    private static readonly HubCache NoCache = new(Path.Combine(Path.GetTempPath(), "no-such-cache"));

    private static ModelFolder Plain() => ModelFolder.Open(Shared.Path("golden", "backbones", "gpt2"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_saved_loads_with_the_same_loss_and_writes_the_same_settings(bool backboneTrained)
    {
        using var target = new TempFolder();
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var origin = Plain();
        float before;
        RmtConfig config;
        using (var model = LanguageCheckpoint.Begin(origin, memoryTokens: 4, window: 24))
        {
            before = Loss(model);
            config = LanguageCheckpoint.Settings(model, backboneTrained ? null : Path.GetRelativePath(target.Path, origin.Path));
            LanguageCheckpoint.Save(target.Path, model, origin, config, backboneTrained);
        }
        Assert.Equal(backboneTrained, File.Exists(target["model.safetensors"]));
        using (var own = Checkpoint.Open(target[RmtFolder.WeightsName])) Assert.Equal(["memory"], own.Entries.Select(entry => entry.Name));
        using var loaded = LanguageCheckpoint.Load(target.Path, NoCache);
        Assert.Equal(before, Loss(loaded));
        var (again, read, home) = LanguageCheckpoint.LoadToTrain(ModelFolder.OpenAny(target.Path), NoCache, dropout: 0);
        using (again) Assert.Equal(config.ToBytes(), read.ToBytes());
        Assert.Equal(Path.GetFullPath(backboneTrained ? target.Path : origin.Path), Path.GetFullPath(home.Path));
        Assert.Equal((SegmentAlignment.Left, "left"), (loaded.Segmenter.Alignment, read.SegmentAlignment));
    }

    [Fact]
    public void A_model_of_the_other_task_is_refused_with_what_it_is_and_the_command_for_it()
    {
        using var target = new TempFolder();
        var origin = Plain();
        using (var model = LanguageCheckpoint.Begin(origin, memoryTokens: 4, window: 24))
            LanguageCheckpoint.Save(target.Path, model, origin, LanguageCheckpoint.Settings(model), backboneTrained: true);
        var before = Leaks.Baseline();
        Refused(() => RmtCheckpoint.Load(target.Path, NoCache), "task_type is CAUSAL_LM", "rmt generate", "SEQ_CLS");
        Refused(() => LanguageCheckpoint.Load(Shared.Path("models", "minilm-rmt-reviews"), NoCache), "task_type is SEQ_CLS", "rmt classify", "CAUSAL_LM");
        Refused(() => LanguageCheckpoint.Load(origin.Path, NoCache), "no rmt_config.json", "plain model", "language model");
        Refused(() => LanguageCheckpoint.Begin(ModelFolder.Open(Shared.Path("golden", "backbones", "electra"))), "model_type is 'electra'", "what follows a token", "'gpt2'");
        Refused(() => LanguageCheckpoint.Begin(origin, memoryTokens: 12, window: 24), "no room for text", "12 memory tokens");
        Leaks.Same(before);
    }

    [Fact]
    public void Another_window_cuts_otherwise_and_is_the_same_model()
    {
        using var target = new TempFolder();
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var origin = Plain();
        using (var model = LanguageCheckpoint.Begin(origin, memoryTokens: 4, window: 40))
            LanguageCheckpoint.Save(target.Path, model, origin, LanguageCheckpoint.Settings(model), backboneTrained: true);
        var saved = ModelFolder.OpenAny(target.Path);
        using var own = LanguageCheckpoint.LoadToTrain(saved, NoCache, dropout: 0).Model;
        using var shorter = LanguageCheckpoint.LoadToTrain(saved, NoCache, window: 24, dropout: 0).Model;
        using var longer = LanguageCheckpoint.LoadToTrain(saved, NoCache, window: 64, dropout: 0).Model;
        Assert.Equal([32, 16, 56], new[] { own, shorter, longer }.Select(model => model.Segmenter.Layout.TokensPerSegment));
        Assert.Equal(Loss(own, "We the people"), Loss(shorter, "We the people"));       // a segment of each
        Assert.NotEqual(Loss(own), Loss(shorter));
        var before = Leaks.Baseline();
        Refused(() => LanguageCheckpoint.LoadToTrain(saved, NoCache, window: 8).Model, target.Path, "a window of 8 tokens has no room for text", "4 memory tokens", "4 places to write them");
        Refused(() => LanguageCheckpoint.LoadToTrain(saved, NoCache, window: 100_000).Model, target.Path, "longer than the backbone reads", "n_positions");
        Leaks.Same(before);
    }

    [Theory]
    [InlineData("transformer.")]
    [InlineData("")]
    public void A_plain_GPT2_is_wrapped_with_a_prefix_or_without_and_its_buffers_are_left_aside(string prefix)
    {
        using var copy = new ModelCopy("golden", "backbones", "gpt2");
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using (var weights = Plain().OpenWeights())
        {
            var tensors = weights.Entries.Where(entry => entry.Name.StartsWith("transformer.", StringComparison.Ordinal))
                .Select(entry => (prefix + entry.Name["transformer.".Length..], weights.Read(entry.Name))).ToList();
            TensorWriter.Write(copy.FileOf("model.safetensors"), [.. tensors, ($"{prefix}h.0.attn.bias", ones([1, 1, 8, 8])), ($"{prefix}h.1.attn.masked_bias", ones([1]))]);
        }
        AutoBackbone.Load(ModelFolder.Open(copy.Path), out var report).Dispose();
        Assert.Equal([$"{prefix}h.0.attn.bias", $"{prefix}h.1.attn.masked_bias"], report.LeftAside.Order(StringComparer.Ordinal));
        Assert.Equal(report.LeftAside, ModelInspection.Of(copy.Path, NoCache).LeftAside);
        using var model = LanguageCheckpoint.Begin(ModelFolder.Open(copy.Path), memoryTokens: 0, window: 40);
        using var plain = LanguageCheckpoint.Begin(Plain(), memoryTokens: 0, window: 40);
        Assert.Equal(Loss(plain), Loss(model));
    }

    [Fact]
    public void A_language_model_that_does_not_say_how_it_is_cut_is_cut_from_the_left()
    {
        var json = JsonFile.Parse("rmt_config.json", """{"adapter_type":"rmt","task_type":"CAUSAL_LM","num_mem_tokens":4,"segment_size":56,"input_size":64}"""u8.ToArray());
        Assert.Equal("left", RmtConfig.Parse(json).SegmentAlignment);
    }

    private static float Loss(DocumentLanguageModel model, string text = "We the people of the United States, in order to form a more perfect union, establish justice.")
    {
        using var scope = NewDisposeScope();
        var ids = model.Tokenizer.Encode(text);
        return model.Model.call(model.Segmenter.Batch([ids.ToArray()], CPU)).item<float>();
    }

    private static void Refused(Func<IDisposable> load, params string[] words)
    {
        var error = Assert.Throws<LoadException>(() => load());
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }
}
