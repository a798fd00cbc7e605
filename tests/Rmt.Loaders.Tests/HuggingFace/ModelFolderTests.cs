using Rmt.Testing;

namespace Rmt.Loaders.Tests;

public sealed class ModelFolderTests : IDisposable
{
    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void A_whole_model_opens_and_says_what_it_has()
    {
        var folder = ModelFolder.Open(Shared.Path("models", "minilm-l6"));
        Assert.Equal("bert", folder.Config.Text("model_type"));
        Assert.NotNull(folder.VocabularyText);
        Assert.NotNull(folder.Tokenizer);
        Assert.Null(folder.VocabularyJson);
        Assert.Null(folder.RmtConfig);
        using var weights = folder.OpenWeights();
        Assert.Equal(104, weights.Entries.Count);
        Assert.NotNull(ModelFolder.Open(Shared.Path("models", "minilm-rmt-reviews")).RmtConfig);
    }

    [Fact]
    public void What_is_no_folder_is_refused()
    {
        Assert.Equal($"{temp["x"]}: there is no such folder.", Message(() => ModelFolder.Open(temp["x"])));
        var file = temp.Write("model.safetensors", "");
        Assert.Equal($"{file}: is a file; a model is the folder that holds config.json and model.safetensors.", Message(() => ModelFolder.Open(file)));
    }

    [Fact]
    public void A_folder_without_configuration_is_refused_with_what_it_holds()
    {
        Assert.Equal($"{temp.Path}: has no config.json, so it is not a model folder; it holds nothing.", Message(() => ModelFolder.Open(temp.Path)));
        _ = temp.Write("notes.txt", "");
        _ = temp.Write("a.bin", "");
        Assert.EndsWith("it holds 'a.bin', 'notes.txt'.", Message(() => ModelFolder.Open(temp.Path)));
    }

    [Fact]
    public void A_folder_without_weights_is_refused_with_what_it_holds()
    {
        _ = temp.Write("config.json", "{}");
        Assert.Equal($"{temp.Path}: has no weights (model.safetensors or model.safetensors.index.json); it holds 'config.json'.", Message(() => ModelFolder.Open(temp.Path)));
        Assert.False(ModelFolder.OpenAny(temp.Path).HasWeights);
    }

    [Theory]
    [InlineData("pytorch_model.bin"), InlineData("pytorch_model-00001-of-00002.bin")]
    public void Pickles_are_not_read_and_the_refusal_says_why_and_what_to_do(string pickle)
    {
        _ = temp.Write("config.json", "{}");
        _ = temp.Write(pickle, "");
        var message = Message(() => ModelFolder.Open(temp.Path));
        Assert.Contains("Pickles are not read, because reading one runs the code in it", message);
        Assert.Contains("save_pretrained(FOLDER, safe_serialization=True)", message);
    }

    [Fact]
    public void An_adapter_without_its_backbone_says_where_the_backbone_is_named()
    {
        _ = temp.Write("rmt_config.json", "{}");
        Assert.Contains("holds an adapter (rmt_config.json) without its backbone", Message(() => ModelFolder.Open(temp.Path)));
        Assert.Equal(temp["rmt_config.json"], ModelFolder.OpenAny(temp.Path).RmtConfig);
    }

    [Fact]
    public void One_file_wins_over_shards_as_in_transformers()
    {
        _ = temp.Write("config.json", "{}");
        _ = temp.Write("model.safetensors.index.json", "nonsense");
        SafetensorsWriter.Write(temp["model.safetensors"], []);
        using var weights = ModelFolder.Open(temp.Path).OpenWeights();
        Assert.Empty(weights.Entries);
    }

    [Fact]
    public void A_name_is_a_folder_first_then_a_hub_id()
    {
        var cache = new HubCache(temp["cache"]);
        Assert.Equal(temp.Path, ModelFolder.Find(temp.Path, cache));
        Assert.StartsWith("org/name: there is no folder of this name here, and no hub cache at ", Message(() => ModelFolder.Find("org/name", cache)));
        Assert.Equal("no such/thing at all: there is no such folder, and it is no hub id either (NAME or OWNER/NAME, with @REVISION or without).", Message(() => ModelFolder.Find("no such/thing at all", cache)));
    }

    private static string Message(Func<object?> act) => Assert.Throws<LoadException>(act).Message;
}
