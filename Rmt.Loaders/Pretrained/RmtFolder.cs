using Rmt.Adapter;
using static TorchSharp.torch;

namespace Rmt.Loaders;

/// <summary>What folders of saved models of every task have in common: where their parts lie, and how they are written.</summary>
internal static class RmtFolder
{
    /// <summary>Memory, its projection if there is one, and the head of a classifier.</summary>
    public const string WeightsName = "rmt_model.safetensors";

    private const string Unfinished = ".unfinished";

    private static readonly string[] Tokenizers = ["vocab.txt", "vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"];

    // What stands behind task_type, and the command for it.
    private static readonly Dictionary<string, (string Name, string Use)> Tasks = new()
    {
        [RmtConfig.Classification] = ("a classifier", "labels documents (rmt classify)"),
        [RmtConfig.LanguageModel] = ("a language model", "goes on with a text (rmt generate)"),
    };

    /// <summary>rmt_config.json of a saved model of this task.</summary>
    /// <exception cref="LoadException">It is a plain model, or one of another task.</exception>
    public static RmtConfig Settings(ModelFolder folder, string task)
    {
        var wanted = Tasks[task].Name;
        if (folder.RmtConfig is null)
            throw new LoadException(folder.Path, $"has no {RmtConfig.FileName}: it is a plain model, not {wanted} with memory that was trained. Train one on it first.");
        var config = RmtConfig.Open(folder.Path);
        return config.TaskType == task ? config
            : throw new LoadException(folder.RmtConfig, $"task_type is {config.TaskType}: {Tasks[config.TaskType].Name}, which {Tasks[config.TaskType].Use}; needed is {wanted}, which has {task}.");
    }

    /// <summary>The folder of the backbone's weights: this one, or the one that rmt_config.json names.</summary>
    public static ModelFolder Home(ModelFolder folder, RmtConfig config, HubCache cache) =>
        folder.HasWeights ? ModelFolder.Open(folder.Path) : Base(folder, config, cache);

    /// <summary>The tokenizer of a saved model, or of the folder of its backbone.</summary>
    public static PretrainedTokenizer Tokenizer(ModelFolder folder, ModelFolder home) =>
        PretrainedTokenizer.Load((folder.VocabularyText ?? folder.VocabularyJson ?? folder.Tokenizer) is not null ? folder.Path : home.Path);

    /// <summary>A new memory around a backbone, which is freed where this fails. Without a window it is the longest that the backbone reads.</summary>
    public static RecurrentMemoryAdapter NewAdapter(IBackbone held, ModelFolder folder, PretrainedTokenizer tokenizer, int memoryTokens, int? window)
    {
        try
        {
            BackboneFit.RequireVocabulary(folder, tokenizer, held);
            var length = window ?? held.MaxWindow;
            BackboneFit.RequireRoom(folder, held, memoryTokens, length);
            return new(held, new(length, memoryTokens, tokenizer.Special, held.IsCausal));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Writes a model as a folder of its own. Whoever reads the folder finds the model that was there before, this one, or, if the process
    /// is ended between two renames, none.</summary>
    /// <param name="path">The folder; made where it is not.</param>
    /// <param name="network">Whose own weights are written: all but the backbone's.</param>
    /// <param name="backbone">Written too; null: it is where <paramref name="config"/> says.</param>
    /// <param name="origin">The folder its configuration and vocabulary are copied from.</param>
    /// <param name="config">What is written to rmt_config.json.</param>
    /// <param name="type">Of the backbone's weights in the file; null: as they are. Memory and head are few, and written as they are.</param>
    public static void Save(string path, nn.Module network, IBackbone? backbone, ModelFolder origin, RmtConfig config, ScalarType? type)
    {
        using var scope = NewDisposeScope();
        Directory.CreateDirectory(path);
        if (backbone is null) RefuseAnother(path, origin);
        var beside = Path.Combine(path, Unfinished);        // all of it first: a full disk leaves the old model whole
        if (Directory.Exists(beside)) Directory.Delete(beside, recursive: true);
        Directory.CreateDirectory(beside);
        try
        {
            if (backbone is not null)
            {
                Copy(origin, beside, "config.json");
                foreach (var name in Tokenizers) Copy(origin, beside, name);
                TensorWriter.Write(Path.Combine(beside, "model.safetensors"), backbone.Module.named_parameters()
                    .Select(entry => (entry.name, type is { } narrow ? entry.parameter.detach().to(narrow) : entry.parameter)));
            }
            TensorWriter.Write(Path.Combine(beside, WeightsName), Own(network).Select(entry => (entry.Key, entry.Value)));
            config.Save(beside);
            var settings = Path.Combine(path, RmtConfig.FileName);
            File.Delete(settings);      // a folder without it is no saved model, so that weights of two are not taken for one
            foreach (var file in Directory.EnumerateFiles(beside).Where(file => Path.GetFileName(file) != RmtConfig.FileName).ToList())
                File.Move(file, Path.Combine(path, Path.GetFileName(file)), overwrite: true);
            File.Move(Path.Combine(beside, RmtConfig.FileName), settings);
        }
        finally
        {
            Directory.Delete(beside, recursive: true);
        }
    }

    // A backbone's weights and vocabulary in the folder of a model are taken for that model's.
    private static void RefuseAnother(string path, ModelFolder origin)
    {
        var there = ModelFolder.OpenAny(path);
        if (Path.GetFullPath(path) != Path.GetFullPath(origin.Path) && (there.HasWeights || Tokenizers.Any(name => there.Find(name) is not null)))
            throw new IOException($"{path} holds another model's backbone or vocabulary, which would be taken for this one's, whose backbone stays in {origin.Path}: save to a new folder, or with the backbone");
    }

    /// <summary>What is not the backbone's: memory and its projection under the names of the format, the head under those of its family.</summary>
    public static Dictionary<string, Tensor> Own(nn.Module network) => network.named_parameters()
        .Where(entry => !entry.name.StartsWith("adapter.backbone.", StringComparison.Ordinal))
        .ToDictionary(entry => entry.name.Split('.', 2) switch
        {
            ["adapter", var name] => name.Replace("projection.", "memory_projection.", StringComparison.Ordinal),
            [_, var name] => name,
            _ => entry.name,
        }, entry => (Tensor)entry.parameter);

    private static ModelFolder Base(ModelFolder folder, RmtConfig config, HubCache cache)
    {
        if (config.BaseModel is not { Length: > 0 } name)
            throw new LoadException(folder.Path, "has no weights of a backbone, and rmt_config.json (base_model_name_or_path) names none.");
        var beside = Path.GetFullPath(Path.Combine(folder.Path, name));
        return Directory.Exists(beside) ? ModelFolder.Open(beside) : ModelFolder.Locate(name, cache);
    }

    private static void Copy(ModelFolder origin, string path, string name)
    {
        if (origin.Find(name) is { } file && Path.GetFullPath(file) != Path.GetFullPath(Path.Combine(path, name)))
            AtomicFile.Write(Path.Combine(path, name), File.ReadAllBytes(file));
    }
}
