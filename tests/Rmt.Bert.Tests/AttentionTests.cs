using Rmt.Bert;
using Rmt.Loaders;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Bert.Tests;

/// <summary>Attention as it is shown. The reference has no attention maps, but the layers' outputs, and those follow from attention and weights.</summary>
public sealed class AttentionTests
{
    [Fact]
    public void Each_layer_of_the_reference_follows_from_the_attention_shown_and_the_weights()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var bert = BertCheckpoint.Load(ModelFolder.Open(Shared.Path("models", "minilm-l6")));
        bert.eval();
        using var golden = new Golden("minilm-bert.safetensors");
        var mask = golden["attention_mask"].to(ScalarType.Bool);
        var real = mask.unsqueeze(-1);
        var weights = bert.named_parameters().ToDictionary(entry => entry.name, entry => (Tensor)entry.parameter);
        var seen = 0;
        // A window of ours has type 0 throughout, the reference's has both: what type 1 adds is put into the word rows.
        var types = weights["embeddings.token_type_embeddings.weight"];
        var words = bert.Words(golden["input_ids"]) + golden["token_type_ids"].unsqueeze(-1) * (types[1] - types[0]);
        _ = bert.Trace(words, mask, (layer, hidden, attention) =>
        {
            Assert.Equal(seen++, layer);
            var expected = golden[$"layer.{layer}"];
            Near.Equal(expected.masked_select(real), hidden.masked_select(real), 1e-5, $"layer {layer} as shown");
            var input = layer == 0 ? golden["embeddings"] : golden[$"layer.{layer - 1}"];     // what enters it, as the reference says
            var own = Layer(name => weights[$"encoder.layer.{layer}.{name}"], input, attention(), bert.Config.Heads);
            Near.Equal(expected.masked_select(real), own.masked_select(real), 1e-4, $"layer {layer} from its attention");
        });
        Assert.Equal(6, seen);
    }

    // BERT's layer as its paper has it, written once more, from the attention on.
    private static Tensor Layer(Func<string, Tensor> weight, Tensor x, Tensor attention, int heads)
    {
        Tensor Dense(Tensor from, string name) => from.matmul(weight($"{name}.weight").transpose(0, 1)) + weight($"{name}.bias");
        Tensor Norm(Tensor from, string name)
        {
            var centred = from - from.mean([-1], true);
            return centred / ((centred * centred).mean([-1], true) + 1e-12).sqrt() * weight($"{name}.weight") + weight($"{name}.bias");
        }
        var values = Dense(x, "attention.self.value").unflatten(2, heads, -1).transpose(1, 2);     // [B, heads, L, d]
        var taken = attention.matmul(values).transpose(1, 2).flatten(2);                            // [B, L, H]
        var attended = Norm(Dense(taken, "attention.output.dense") + x, "attention.output.LayerNorm");
        return Norm(Dense(nn.functional.gelu(Dense(attended, "intermediate.dense")), "output.dense") + attended, "output.LayerNorm");
    }

    [Fact]
    public void A_traced_window_ends_as_one_that_is_not_and_leaves_no_tensor()
    {
        using var mode = no_grad();
        using var bert = new BertModel(Small);
        bert.eval();
        using var words = randn([2, 9, Small.HiddenSize]);
        var before = Leaks.Baseline();
        using (var traced = bert.Trace(words, null, (_, _, attention) => attention().Dispose()))
        using (var plain = bert.call(words, null, ..))
            Near.Equal(plain, traced, 1e-6, "last hidden states");
        Leaks.Same(before);
        Assert.Throws<InvalidOperationException>(() => bert.Trace(words, null, (_, _, attention) => throw new InvalidOperationException($"{attention().shape.Length} dimensions")));
        Leaks.Same(before);
    }

    private static BertConfig Small => new() { VocabSize = 50, HiddenSize = 16, Layers = 2, Heads = 4, IntermediateSize = 24, MaxPositions = 32, InitializerRange = 0.3 };
}
