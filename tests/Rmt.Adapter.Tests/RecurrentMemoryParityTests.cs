using System.Text.Json;
using Rmt.Bert;
using Rmt.Loaders;
using Rmt.Testing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Adapter.Tests;

/// <summary>Against the paper's authors' code, run in float64: logits, loss, memory after each step, every gradient.</summary>
public sealed class RecurrentMemoryParityTests
{
    private const double Tolerance = 1e-5;

    private static readonly string[] Cases = ["segments1", "segments2", "segments3", "segments5", "mixed", "mixed_sum_loss", "left", "center", "specials"];

    public static TheoryData<string, string> SmallCases => new(DeviceKinds.Times(Cases));

    public static TheoryData<string> RealCases => ["segments1", "segments2", "segments3", "segments5", "mixed"];

    [Theory, MemberData(nameof(SmallCases))]
    public void A_small_model_gives_what_the_authors_code_gives(string name, string device)
    {
        var facts = Golden.Facts("small-rmt.json");
        using var golden = new Golden("small-rmt.safetensors");
        var special = new SpecialTokens(facts.GetProperty("pad").GetInt32(), facts.GetProperty("cls").GetInt32(), facts.GetProperty("sep").GetInt32());
        var layout = new SegmentLayout(facts.GetProperty("window").GetInt32(), facts.GetProperty("memory_tokens").GetInt32(), special);
        Assert.Equal(facts.GetProperty("tokens_per_segment").GetInt32(), layout.TokensPerSegment);
        var bert = BertCheckpoint.Load(ModelFolder.Open(Shared.Path("golden", "bert-random", "relu-no-types")));
        using var model = new RecurrentClassifier(new(new BertBackbone(bert), layout), labels: (int)golden["classifier.bias"].shape[0]);
        using (no_grad())
        {
            Parameter(model, "adapter.memory").copy_(golden["memory"]);
            Parameter(model, "head.classifier.weight").copy_(golden["classifier.weight"]);
            Parameter(model, "head.classifier.bias").copy_(golden["classifier.bias"]);
        }
        model.to(new Device(device));
        var alignment = name switch { "left" => SegmentAlignment.Left, "center" => SegmentAlignment.Center, _ => SegmentAlignment.Right };
        Compare(model, new Segmenter(layout, alignment), golden, name, facts.GetProperty("cases").GetProperty(name));
        CompareGradients(model, golden, name);
    }

    [Theory, MemberData(nameof(RealCases))]
    public void Real_weights_give_what_the_authors_code_gives(string name)
    {
        var facts = Golden.Facts("minilm-rmt.json");
        using var golden = new Golden("minilm-rmt.safetensors");
        using var classifier = RmtCheckpoint.Load(Shared.Path("models", "minilm-rmt-reviews"), HubCache.FromEnvironment());
        Compare(classifier.Model, classifier.Segmenter, golden, name, facts.GetProperty("cases").GetProperty(name));
        CompareSampledGradients(classifier.Model, Golden.Facts($"minilm-rmt.{name}.gradients.json"));
    }

    private static void Compare(RecurrentClassifier model, Segmenter segmenter, Golden golden, string name, JsonElement facts)
    {
        using var scope = NewDisposeScope();
        model.eval();
        model.zero_grad();
        var count = facts.GetProperty("documents").GetArrayLength();
        var documents = Enumerable.Range(0, count).Select(i => Content(segmenter, golden.Ids($"{name}.ids.{i}"))).ToArray();
        var segments = facts.GetProperty("segments").EnumerateArray().Select(n => n.GetInt32());
        Assert.Equal(segments, documents.Select(document => segmenter.Split(document.Length).Count));
        var everySegment = facts.GetProperty("sum_loss").GetBoolean();

        using (no_grad())
        {
            var memory = model.Adapter.InitialMemory(count);
            var expected = golden[$"{name}.memory_after_step"];
            var t = 0;
            foreach (var step in segmenter.Batch(documents, model.Adapter.Device).Steps)
            {
                memory = model.Adapter.call(step, memory).Memory;
                Near.Equal(expected[t], memory.Tokens, Tolerance, $"memory after step {t}");
                t++;
            }
            Assert.Equal(expected.shape[0], t);
            Near.Equal(golden[$"{name}.logits"], model.call(segmenter.Batch(documents, model.Adapter.Device)), Tolerance, "logits");
        }
        var loss = model.Loss(segmenter.Batch(documents, model.Adapter.Device), golden[$"{name}.labels"].to(model.Adapter.Device), everySegment);
        Near.Equal(golden[$"{name}.loss"].reshape([]), loss, Tolerance, "loss");
        loss.backward();
    }

    private static ReadOnlyMemory<int> Content(Segmenter segmenter, int[] ids)
    {
        var content = ids.ToList();
        segmenter.KeepContent(content);
        return content.ToArray();
    }

    private static void CompareGradients(RecurrentClassifier model, Golden golden, string name)
    {
        using var scope = NewDisposeScope();
        var prefix = $"{name}.grad.";
        var compared = 0;
        foreach (var key in golden.Names.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var expected = golden[key];
            var actual = Gradient(model, Ours(key[prefix.Length..]), expected.shape);
            var scale = key.EndsWith("key.bias", StringComparison.Ordinal)
                ? golden[key.Replace("key.bias", "query.bias", StringComparison.Ordinal)].abs().max().item<float>()
                : expected.abs().max().item<float>();
            if (key.EndsWith("key.bias", StringComparison.Ordinal)) expected = zeros_like(expected);
            Near.Equal(expected, actual, Tolerance * scale, key);
            compared++;
        }
        Assert.True(compared >= model.named_parameters().Count(), $"{compared} gradients compared");
    }

    private static void CompareSampledGradients(RecurrentClassifier model, JsonElement facts)
    {
        using var scope = NewDisposeScope();
        var compared = 0;
        foreach (var entry in facts.EnumerateObject())
        {
            var shape = entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()).ToArray();
            var actual = Gradient(model, Ours(entry.Name), shape).to(float64);
            var norm = entry.Value.GetProperty("norm").GetDouble();
            if (entry.Name.EndsWith("key.bias", StringComparison.Ordinal))
            {
                var query = Gradient(model, Ours(entry.Name.Replace("key.bias", "query.bias", StringComparison.Ordinal)), shape);
                Near.Equal(zeros_like(actual), actual, Tolerance * query.abs().max().item<float>(), entry.Name);
            }
            else
            {
                Assert.Equal(norm, actual.norm().item<double>(), 5e-5 * norm);
                var flat = actual.flatten().data<double>().ToArray();
                var index = entry.Value.GetProperty("index").EnumerateArray().Select(i => i.GetInt32());
                var value = entry.Value.GetProperty("value").EnumerateArray().Select(v => v.GetDouble());
                foreach (var (i, expected) in index.Zip(value))
                    Assert.True(Math.Abs(flat[i] - expected) <= 5e-5 * norm, $"{entry.Name}[{i}]: {flat[i]}, expected {expected}, norm {norm}");
            }
            compared++;
        }
        Assert.True(compared >= model.named_parameters().Count(), $"{compared} gradients compared");
    }

    // Hugging Face's names of BertForSequenceClassification → ours.
    private static string Ours(string name) => name switch
    {
        "memory" => "adapter.memory",
        _ when name.StartsWith("bert.", StringComparison.Ordinal) => $"adapter.backbone.{name["bert.".Length..]}",
        _ when name.StartsWith("classifier.", StringComparison.Ordinal) => $"head.{name}",
        _ => $"adapter.backbone.{name}",
    };

    private static Tensor Gradient(RecurrentClassifier model, string name, long[] shape) =>
        Parameter(model, name).grad ?? zeros(shape);

    private static Parameter Parameter(RecurrentClassifier model, string name) =>
        model.get_parameter(name) ?? throw new ArgumentException($"no parameter {name}");
}
