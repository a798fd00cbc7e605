using Rmt.Adapter;
using Rmt.Loaders;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Gpt2.Tests;

/// <summary>GPT-2 against transformers, and under memory against the paper's authors' code; tolerances are those of the references' README.</summary>
public sealed class Gpt2ParityTests
{
    private const double Tolerance = 1e-5, LossTolerance = 2e-6;

    [Fact]
    public void Every_layer_logits_and_losses_are_those_of_transformers()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var golden = new Golden("backbones", "gpt2", "golden.safetensors");
        using var gpt2 = Load();
        var model = gpt2.Model;
        var (ids, mask) = (golden["input_ids"], golden["attention_mask"].to(ScalarType.Bool));
        var real = mask.unsqueeze(-1);
        void Same(string name, Tensor actual) => Near.Equal(golden[name].masked_select(real), actual.masked_select(real), Tolerance, name);
        var words = model.Words(ids);
        Near.Equal(golden["token_embeddings"], words, 0, "token embeddings");
        Same("hidden.0", model.Embed(words));
        _ = model.Trace(words, mask, (layer, hidden, _) => Same($"hidden.{layer + 1}", hidden));
        var block = (nn.Module<Tensor, Tensor, Range, Tensor>)model.named_modules().Single(entry => entry.name == "h.2").module;
        var place = arange(words.shape[1]);
        var behind = block.call(golden["hidden.2"], (place.unsqueeze(0) <= place.unsqueeze(1)).logical_and(mask.unsqueeze(1)).unsqueeze(1), ..);
        Near.Equal(golden["before_final_norm"].masked_select(real), behind.masked_select(real), 2 * Tolerance, "before the last norm");
        var last = model.call(words, mask, ..);
        Same("last_hidden_state", last);
        Same("lm_logits", model.Logits(last));
        var targets = ids[.., 1..].masked_fill(mask[.., 1..].logical_not(), -100L);
        Near.Equal(golden["lm_loss"], nn.functional.cross_entropy(model.Logits(last)[.., ..^1].flatten(0, 1), targets.flatten(), ignore_index: -100), LossTolerance, "lm loss");
        var ends = (mask.to(int64).sum(1) - 1).unsqueeze(-1).unsqueeze(-1).expand(-1, -1, last.shape[2]);
        var pooled = last.gather(1, ends).squeeze(1);
        Near.Equal(golden["pooled"], pooled, Tolerance, "pooled");
        using var head = gpt2.NewHead(3);
        using var weights = Files().OpenWeights();
        head.get_parameter("score.weight")!.copy_(weights.Read("score.weight"));
        Near.Equal(golden["logits"], head.call(pooled), Tolerance, "logits");
        Near.Equal(golden["loss"], nn.functional.cross_entropy(head.call(pooled), golden["labels"]), LossTolerance, "loss");
    }

    [Theory]
    [InlineData("one"), InlineData("two"), InlineData("three"), InlineData("three_right"), InlineData("mixed")]
    public void Under_memory_it_gives_what_the_authors_code_gives(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new Golden("backbones", "gpt2", "rmt.safetensors");
        var gpt2 = Load();
        using var model = new RecurrentLanguageModel(new(gpt2, new(64, 4, new(null, null, null), isCausal: true)));
        using (no_grad()) model.get_parameter("adapter.memory")!.copy_(golden["memory"]);
        model.eval();
        var lengths = golden.Ids($"{name}.lengths");
        var ids = golden[$"{name}.input_ids"];
        var documents = lengths.Select((length, i) => (ReadOnlyMemory<int>)ids[i][..length].data<long>().ToArray().Select(id => (int)id).ToArray()).ToArray();
        var segmenter = new Segmenter(model.Adapter.Layout, name == "three_right" ? SegmentAlignment.Right : null);
        var batch = segmenter.Batch(documents, CPU);
        if (name != "mixed") CompareSteps(model, batch, golden, name);
        if (name == "three") CompareLastSegment(model, batch, golden, documents[0]);
        var loss = model.call(batch);
        Near.Equal(golden[$"{name}.loss"], loss, LossTolerance, "loss");
        loss.backward();
        var prefix = $"{name}.grad.";
        var keys = golden.Names.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        Assert.True(name != "mixed" || keys.Count > 20);
        foreach (var key in keys)
        {
            var expected = golden[key];
            var ours = key[prefix.Length..] is "memory" ? "adapter.memory" : $"adapter.backbone.{key[(prefix.Length + "transformer.".Length)..]}";
            Near.Equal(expected, model.get_parameter(ours)!.grad!, Tolerance * Math.Max(1, expected.abs().max().item<float>()), key);
        }
    }

    private static void CompareSteps(RecurrentLanguageModel model, SegmentBatch batch, Golden golden, string name)
    {
        using var mode = no_grad();
        var memory = model.Adapter.InitialMemory(batch.Documents);
        foreach (var (t, step) in batch.Steps.Index())
        {
            Near.Equal(golden[$"{name}.step{t}.memory_in"], memory.Tokens, Tolerance, $"memory into step {t}");
            Near.Equal(golden[$"{name}.step{t}.hidden"], model.Adapter.ReadAll(step, memory).Hidden, Tolerance, $"hidden states of step {t}");
            (var logits, memory) = model.Step(step, memory);
            if (golden.Names.Contains($"{name}.step{t}.logits")) Near.Equal(golden[$"{name}.step{t}.logits"], logits, Tolerance, $"logits of step {t}");
            Near.Equal(golden[$"{name}.step{t}.memory_out"], memory.Tokens, Tolerance, $"memory out of step {t}");
        }
    }

    // The loss of what stands in the last segment behind its first token, which the segment in front predicts.
    private static void CompareLastSegment(RecurrentLanguageModel model, SegmentBatch batch, Golden golden, ReadOnlyMemory<int> document)
    {
        using var mode = no_grad();
        var memory = batch.Steps.SkipLast(1).Aggregate(model.Adapter.InitialMemory(1), (state, step) => model.Step(step, state).Memory);
        var logits = model.Step(batch.Steps[^1], memory).Logits[0];                             // [n, V]
        var targets = tensor(document[^(int)(logits.shape[0] - 1)..].ToArray().Select(id => (long)id).ToArray());
        Near.Equal(golden["three.loss_last_segment"], nn.functional.cross_entropy(logits[..^1], targets), LossTolerance, "loss of the last segment");
    }

    private static ModelFolder Files() => ModelFolder.Open(Shared.Path("golden", "backbones", "gpt2"));

    private static Gpt2Backbone Load()
    {
        var backbone = (Gpt2Backbone)AutoBackbone.Load(Files());
        backbone.Module.eval();
        return backbone;
    }
}
