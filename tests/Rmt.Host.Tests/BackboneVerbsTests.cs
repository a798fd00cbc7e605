using System.Text;
using System.Text.Json;
using Rmt.Adapter;
using Rmt.Host.Reading;
using Rmt.Host.Tests.Doubles;
using Rmt.Loaders;
using Rmt.Testing;
using TorchSharp;

namespace Rmt.Host.Tests;

/// <summary>Every verb takes every backbone: a small random one of each family is trained, measured, asked, traced, inspected and served. Those that are named as
/// folders are the references', with their own vocabularies.</summary>
public sealed class BackboneVerbsTests : IDisposable
{
    private const string Sizes = "\"hidden_size\":16,\"num_hidden_layers\":2,\"num_attention_heads\":2,\"intermediate_size\":24,\"type_vocab_size\":2";

    // Families whose vocabulary is WordPiece. What stands in config.json, and the head as it is saved.
    private static readonly Dictionary<string, (string Config, string[] Head)> Families = new()
    {
        ["distilbert"] = ("\"model_type\":\"distilbert\",\"dim\":16,\"n_layers\":2,\"n_heads\":2,\"hidden_dim\":24", ["classifier.bias", "classifier.weight", "memory", "pre_classifier.bias", "pre_classifier.weight"]),
        ["electra"] = ($"\"model_type\":\"electra\",\"embedding_size\":16,{Sizes}", ["classifier.dense.bias", "classifier.dense.weight", "classifier.out_proj.bias", "classifier.out_proj.weight", "memory"]),
        ["narrow electra"] = ($"\"model_type\":\"electra\",\"embedding_size\":8,{Sizes}",
            ["classifier.dense.bias", "classifier.dense.weight", "classifier.out_proj.bias", "classifier.out_proj.weight", "memory", "memory_projection.bias", "memory_projection.weight"]),
    };

    private static readonly string[] Folders = ["roberta", "distilbert", "electra", "electra-projected", "gpt2"];

    private readonly Trainings _trainings = new();

    public void Dispose() => _trainings.Dispose();

    public static TheoryData<string> Names => [.. Families.Keys, .. Folders.Select(name => $"golden/{name}")];

    [Theory, MemberData(nameof(Names))]
    public async Task A_backbone_is_trained_measured_asked_traced_inspected_and_served(string family)
    {
        var plain = Families.ContainsKey(family) ? Plain(family) : Shared.Path(["golden", "backbones", .. family.Split('/')[1..]]);
        Assert.Contains("plain model without memory and head", Assert.Single(Ran("inspect", plain)).GetProperty("adapter").GetProperty("problem").GetString(), StringComparison.Ordinal);
        var saved = _trainings["saved"];
        _ = Ran("train", "--model", plain, "--train-file", _trainings.Reviews("train.jsonl", 20), "--validation-file", _trainings.Reviews("valid.jsonl", 6), "--memory-tokens", "4", "--window", "32",
            "--updates", "4", "--documents", "4", "--evaluate-every", "2", "--replay", "--threads", "1", "--save", saved);
        Assert.Equal(family == "golden/gpt2" ? "left" : "right", RmtConfig.Open(saved).SegmentAlignment);
        using (var head = Checkpoint.Open(Path.Combine(saved, RmtCheckpoint.WeightsName)))
            if (Families.TryGetValue(family, out var made)) Assert.Equal(made.Head, head.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));

        var text = _trainings.Folder.Write("long.txt", string.Join(' ', Enumerable.Repeat("a good film it was", 20)));
        var answer = Assert.Single(Ran("classify", "--model", saved, "--threads", "1", text));
        var traced = Ran("trace", "--model", saved, "--threads", "1", "--save", _trainings["trace.safetensors"], "--attention", text);
        Assert.Equal(answer.GetProperty("segments").GetInt32(), traced.Count);
        Assert.Equal(answer.GetProperty("scores").GetProperty("up").GetDouble(), traced[^1].GetProperty("scores").GetProperty("up").GetDouble(), 1e-5);
        Assert.Equal(6, Assert.Single(Ran("evaluate", "--model", saved, "--documents", _trainings["valid.jsonl"], "--threads", "1")).GetProperty("documents").GetInt32());
        Assert.Equal("classifier", Assert.Single(Ran("inspect", saved)).GetProperty("adapter").GetProperty("use").GetString());

        using var service = await new Served("--model", saved, "--store", _trainings["rmt.db"], "--threads", "1").ListeningAsync();
        using var body = new StringContent(File.ReadAllText(text), Encoding.UTF8, "text/plain");
        var served = await (await service.Http.PostAsync("/v1/classify", body, Served.Cancellation)).Content.ReadAsStringAsync(Served.Cancellation);
        Assert.Contains($"\"label\":\"{answer.GetProperty("label").GetString()}\"", served, StringComparison.Ordinal);
    }

    // A Hugging Face folder: configuration, vocabulary, weights with the family's prefix as a model with a head has them.
    private string Plain(string family)
    {
        var folder = Path.GetDirectoryName(_trainings["plain", "config.json"])!;
        var words = File.ReadAllLines(_trainings["vocab.txt"]);
        File.Copy(_trainings["vocab.txt"], _trainings["plain", "vocab.txt"]);
        File.WriteAllText(_trainings["plain", "config.json"], $"{{{Families[family].Config},\"vocab_size\":{words.Length},\"max_position_embeddings\":40}}");
        _ = torch.manual_seed(5);
        using var scope = torch.NewDisposeScope();
        using var backbone = AutoBackbone.New(ModelFolder.OpenAny(folder));
        TensorWriter.Write(_trainings["plain", "model.safetensors"], backbone.Module.named_parameters().Select(entry => ($"{family.Split(' ')[^1]}.{entry.name}", (torch.Tensor)entry.parameter)));
        return folder;
    }

    private static IReadOnlyList<JsonElement> Ran(params string[] args)
    {
        using var session = new Session { Models = new Models("no-such-folder") };
        Assert.True(session.Run(args) == ExitCode.Ok, session.Error);
        return session.Records;
    }
}
