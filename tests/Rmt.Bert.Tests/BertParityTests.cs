using Rmt.Bert;
using Rmt.Loaders;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Bert.Tests;

/// <summary>Layer by layer against transformers, computed there in float64.</summary>
public sealed class BertParityTests
{
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData("relu-no-types")]
    [InlineData("gelu-new-old-names")]
    [InlineData("sharded-bf16-mlm")]
    public void Every_layer_of_a_small_random_bert_is_that_of_transformers(string name)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var bert = BertCheckpoint.Load(ModelFolder.Open(Shared.Path("golden", "bert-random", name)));
        using var golden = new Golden("bert-random", name, "golden.safetensors");
        Compare(bert, golden, (expected, actual, what) => Near.Equal(expected, actual, Tolerance, what));
    }

    [Fact]
    public void Every_layer_of_minilm_is_that_of_transformers()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var bert = BertCheckpoint.Load(ModelFolder.Open(Shared.Path("models", "minilm-l6")));
        using var golden = new Golden("minilm-bert.safetensors");
        Compare(bert, golden, (expected, actual, what) => Near.Equal(expected, actual, Tolerance, what));
        var hidden = bert.call(bert.Words(golden["full.input_ids"]), null, ..);
        Near.Equal(golden["full.layer.5"], hidden, Tolerance, "a full window, layer 5");
        Near.Equal(golden["full.pooler_output"], bert.Pool(hidden), Tolerance, "a full window, pooler");
    }

    [Fact]
    public void In_bfloat16_every_layer_of_minilm_stays_within_three_percent_of_its_largest_value()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var bert = BertCheckpoint.Load(ModelFolder.Open(Shared.Path("models", "minilm-l6"))).to(bfloat16);
        using var golden = new Golden("minilm-bert.safetensors");
        Compare(bert, golden, (expected, actual, what) =>
            Near.Equal(expected, actual.to(float32), 0.03 * expected.abs().max().item<float>(), what));
    }

    [Fact]
    public void Queries_keys_and_values_in_one_product_are_what_they_are_in_three()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(3);
        using var bert = new BertModel(Small);
        bert.eval();
        var words = randn([2, 20, Small.HiddenSize]);
        var mask = arange(20).unsqueeze(0) < tensor(new long[] { 20, 9 }, [2, 1]);
        Tensor Read(Tensor? seen, Range rows)
        {
            using var mode = inference_mode();
            return bert.call(words, seen, rows);
        }
        var separate = (All: Read(null, ..), Masked: Read(mask, ..9));
        var before = bert.named_parameters().Select(entry => (entry.name, entry.parameter.detach().clone())).ToArray();
        bert.PrepareReading();
        Near.Equal(separate.All, Read(null, ..), 1e-6, "all rows");
        Near.Equal(separate.Masked, Read(mask, ..9), 1e-6, "masked, some rows");
        Near.Equal(separate.All, bert.call(words, null, ..), 1e-6, "with a graph");
        foreach (var ((name, was), (_, parameter)) in before.Zip(bert.named_parameters())) Near.Equal(was, parameter, 0, name);
    }

    [Fact]
    public void Prepared_in_bfloat16_it_reads_as_nearly_and_follows_its_weights()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        random.manual_seed(4);
        using var bert = new BertModel(Small with { HiddenSize = 64, IntermediateSize = 96, Heads = 2 });
        bert.eval();
        var words = randn([2, 20, 64]);
        Tensor Read(ScalarType type) => bert.call(words.to(type), null, ..).to(float32);
        var exact = Read(float32);
        bert.to(bfloat16);
        var plain = Near.Distance(Read(bfloat16), exact);
        bert.PrepareReading();
        Near.Equal(exact, Read(bfloat16), 1.5 * plain, "prepared");
        foreach (var parameter in bert.parameters()) parameter.zero_();
        Near.Equal(zeros([2, 20, 64]), Read(bfloat16), 0, "after all weights became zero");
    }

    [Fact]
    public void Everything_a_bert_holds_is_freed_with_it()
    {
        var before = Leaks.Baseline();
        using (var bert = new BertModel(Small))
        {
            using var scope = NewDisposeScope();
            bert.PrepareReading();
            _ = bert.call(bert.Words(tensor(new long[] { 1, 2, 3 }, [1, 3])), null, ..);
        }
        Leaks.Same(before);
    }

    private static BertConfig Small => new()
    {
        VocabSize = 50, HiddenSize = 16, Layers = 2, Heads = 4, IntermediateSize = 24, MaxPositions = 32, PadTokenId = 0,
    };

    // Only where the mask is 1: behind it the reference holds whatever padding gives.
    private static void Compare(BertModel bert, Golden golden, Action<Tensor, Tensor, string> equal)
    {
        bert.eval();
        var mask = golden["attention_mask"].to(ScalarType.Bool);
        var real = mask.unsqueeze(-1);
        var embedded = bert.Embed(bert.Words(golden["input_ids"]), golden["token_type_ids"]);
        equal(golden["embeddings"].masked_select(real), embedded.masked_select(real), "embeddings");
        var layers = bert.Layers(embedded, mask);
        Assert.Equal(bert.Config.Layers, layers.Count);
        for (var i = 0; i < layers.Count; i++) equal(golden[$"layer.{i}"].masked_select(real), layers[i].masked_select(real), $"layer {i}");
        Assert.Equal(golden.Names.Contains("pooler_output"), bert.HasPooler);
        if (bert.HasPooler) equal(golden["pooler_output"], bert.Pool(layers[^1]), "pooler");
    }
}
