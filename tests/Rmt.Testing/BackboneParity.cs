using Rmt.Adapter;
using Rmt.Loaders;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Rmt.Testing;

/// <summary>An encoder against transformers, on a folder of ../shared/golden/backbones; tolerances are its README's.</summary>
public abstract class BackboneParity
{
    private protected const double Tolerance = 1e-5, LossTolerance = 2e-6;

    /// <summary>Its name there.</summary>
    protected abstract string Folder { get; }

    /// <summary>Word rows → what enters the first layer.</summary>
    protected abstract Tensor Entering(IBackbone backbone, Tensor words);

    [Fact]
    public void Every_layer_logits_loss_and_gradients_are_those_of_transformers()
    {
        using var scope = NewDisposeScope();
        using var golden = new Golden("backbones", Folder, "golden.safetensors");
        using var backbone = Load();
        using var head = Head(backbone, (int)golden["logits"].shape[1]);
        var mask = golden["attention_mask"].to(ScalarType.Bool);                                // [3, L]
        var real = mask.unsqueeze(-1);
        var words = backbone.Embed(golden["input_ids"]);
        using (no_grad())
        {
            Near.Equal(golden["token_embeddings"], words, 0, "token embeddings");
            Near.Equal(golden["hidden.0"].masked_select(real), Entering(backbone, words).masked_select(real), Tolerance, "hidden 0");
            _ = ((ILayeredBackbone)backbone).Encode(words, mask, reading =>
                Near.Equal(golden[$"hidden.{reading.Layer + 1}"].masked_select(real), reading.Hidden.masked_select(real), Tolerance, $"hidden {reading.Layer + 1}"));
        }
        var logits = head.call(backbone.Pool(backbone.Encode(words, mask, ..1)));
        Near.Equal(golden["logits"], logits, Tolerance, "logits");
        var loss = nn.functional.cross_entropy(logits, golden["labels"]);
        Near.Equal(golden["loss"], loss, LossTolerance, "loss");
        loss.backward();
        var named = backbone.Module.named_parameters().ToDictionary(entry => $"{Prefix}{entry.name}", entry => (Tensor)entry.parameter);
        foreach (var (name, parameter) in head.named_parameters()) named.Add(name, parameter);
        Compare(golden, "grad.", name => named[name].grad, atLeast: 0);
    }

    private protected string Prefix => AutoBackbone.Plan(Files()).Prefix;

    private protected ModelFolder Files() => ModelFolder.Open(Shared.Path("golden", "backbones", Folder));

    private protected IBackbone Load()
    {
        var backbone = AutoBackbone.Load(Files());
        backbone.Module.eval();
        return backbone;
    }

    private nn.Module<Tensor, Tensor> Head(IBackbone backbone, int labels)
    {
        var head = backbone.NewHead(labels);
        head.eval();
        Fill(head.named_parameters().ToDictionary(entry => entry.name, entry => (Tensor)entry.parameter));
        return head;
    }

    // The head of the checkpoint, under the names that it has there.
    private protected void Fill(Dictionary<string, Tensor> head)
    {
        using var weights = Files().OpenWeights();
        _ = WeightLoader.Load(head, weights, name => head.ContainsKey(name) ? name : null).RequireComplete();
    }

    private protected static void Compare(Golden golden, string prefix, Func<string, Tensor?> gradient, int atLeast)
    {
        var keys = golden.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        foreach (var key in keys)
        {
            var expected = golden[key];
            Near.Equal(expected, gradient(key[prefix.Length..]) ?? zeros_like(expected), Tolerance * Math.Max(1, expected.abs().max().item<float>()), key);
        }
        Assert.True(keys.Count >= atLeast, $"{keys.Count} gradients compared");
    }
}

/// <summary>The same, and under memory against the paper's authors' code.</summary>
public abstract class RecurrentBackboneParity : BackboneParity
{
    public static TheoryData<string> Cases => ["one", "two", "three", "mixed", "mixed_sum"];

    [Theory, MemberData(nameof(Cases))]
    public void Under_memory_it_gives_what_the_authors_code_gives(string name)
    {
        using var golden = new Golden("backbones", Folder, "rmt.safetensors");
        using var scope = NewDisposeScope();
        var documents = name == "mixed_sum" ? "mixed" : name;       // the same documents, another loss
        var facts = Golden.Facts("backbones", Folder, "rmt.json");
        using var model = Classifier(golden, facts);
        var segmenter = new Segmenter(model.Adapter.Layout);
        Assert.Equal(facts.GetProperty("segment_size").GetInt32(), segmenter.Layout.TokensPerSegment);
        var lengths = golden.Ids($"{documents}.lengths");
        var ids = golden[$"{documents}.document_ids"];
        var contents = lengths.Select((length, i) => (ReadOnlyMemory<int>)ids[i][..length].data<long>().ToArray().Select(id => (int)id).ToArray()).ToArray();
        var batch = segmenter.Batch(contents, CPU);
        using (no_grad()) Walk(model, batch, golden, documents);
        var loss = model.Loss(batch, golden[$"{documents}.labels"], everySegment: name == "mixed_sum");
        Near.Equal(golden[$"{name}.loss"], loss, LossTolerance, "loss");
        loss.backward();
        Compare(golden, $"{name}.grad.", Gradient, atLeast: name == "mixed" ? 20 : name == "mixed_sum" ? 5 : 0);

        Tensor? Gradient(string key) => model.get_parameter(key == "memory" ? "adapter.memory"
            : key.StartsWith(Prefix, StringComparison.Ordinal) ? $"adapter.backbone.{key[Prefix.Length..]}" : $"head.{key}")!.grad;
    }

    private static void Walk(RecurrentClassifier model, SegmentBatch batch, Golden golden, string documents)
    {
        var memory = model.Adapter.InitialMemory(batch.Documents);
        var logits = default(Tensor);
        foreach (var (t, step) in batch.Steps.Index())
        {
            var output = model.Adapter.call(step, memory);
            memory = output.Memory;
            logits = model.Head(output.Hidden);
            Near.Equal(golden[$"{documents}.step{t}.memory_out"], memory.Tokens, Tolerance, $"memory after step {t}");
            Near.Equal(golden[$"{documents}.step{t}.logits"], logits, Tolerance, $"logits after step {t}");
        }
        Near.Equal(golden[$"{documents}.logits"], logits!, Tolerance, "logits");
    }

    private RecurrentClassifier Classifier(Golden golden, System.Text.Json.JsonElement facts)
    {
        int Number(string name) => facts.GetProperty(name).GetInt32();
        int Special(string name) => facts.GetProperty("special_token_ids").GetProperty(name).GetInt32();
        var layout = new SegmentLayout(Number("input_size"), Number("num_mem_tokens"), new(Special("pad"), Special("cls"), Special("sep")));
        var model = new RecurrentClassifier(new(Load(), layout), (int)golden["one.logits"].shape[1]);
        using var mode = no_grad();
        model.get_parameter("adapter.memory")!.copy_(golden["memory"]);
        Fill(model.named_parameters().Where(entry => entry.name.StartsWith("head.", StringComparison.Ordinal)).ToDictionary(entry => entry.name["head.".Length..], entry => (Tensor)entry.parameter));
        model.eval();
        return model;
    }
}
