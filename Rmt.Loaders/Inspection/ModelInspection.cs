using System.Text.Json;

namespace Rmt.Loaders;

/// <summary>What a model folder or a weights file holds, told from headers and settings: no weight is read.</summary>
public sealed record ModelInspection
{
    /// <summary>The folder or file; for a hub id the folder in the hub's cache.</summary>
    public required string Path { get; init; }

    /// <summary>All tensors, those of the backbone first; where a saved model's backbone lies elsewhere, they are there.</summary>
    public required IReadOnlyList<TensorEntry> Tensors { get; init; }

    /// <summary>Of them, those that loading leaves aside: heads of pre-training, and tables that are computed. Null for a file, or where the family is not known.</summary>
    public IReadOnlyList<string>? LeftAside { get; init; }

    /// <summary>config.json as it stands; null for a file, or where there is none.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Config { get; init; }

    /// <summary>The vocabulary; null for a file.</summary>
    public TokenizerInspection? Tokenizer { get; init; }

    /// <summary>What the adapter can do with it; null for a file.</summary>
    public AdapterInspection? Adapter { get; init; }

    /// <summary>model_type in config.json; null where it says none.</summary>
    public string? ModelType => Config?.GetValueOrDefault("model_type") is { ValueKind: JsonValueKind.String } type ? type.GetString() : null;

    /// <summary>Real numbers in all tensors; tables of positions and the like, which are whole ones, are no parameters.</summary>
    public long Parameters => Tensors.Where(tensor => tensor.Dtype.IsFloatingPoint()).Sum(tensor => tensor.Items);

    /// <summary>Bytes of all tensors.</summary>
    public long Bytes => Tensors.Sum(tensor => tensor.Length);

    /// <summary>The types of the tensors, that of most bytes first; empty without tensors.</summary>
    public IReadOnlyList<Dtype> Dtypes =>
        [.. Tensors.GroupBy(tensor => tensor.Dtype).OrderByDescending(same => same.Sum(tensor => tensor.Length)).Select(same => same.Key)];

    /// <summary>Looks at a folder, a hub id, a safetensors file or the index of several.</summary>
    /// <exception cref="LoadException">There is nothing of that name, it is no model, or a file in it is broken.</exception>
    public static ModelInspection Of(string nameOrPath, HubCache cache)
    {
        var path = ModelFolder.Find(nameOrPath, cache);
        if (!File.Exists(path))
            return FolderInspection.Of(ModelFolder.OpenAny(path), cache);
        using var weights = path.EndsWith(".json", StringComparison.Ordinal) ? Checkpoint.OpenShards(path) : Checkpoint.Open(path);
        return new() { Path = path, Tensors = weights.Entries };
    }
}

/// <summary>A vocabulary as the folder has it.</summary>
/// <param name="Tokenizer">Null where it cannot be read.</param>
/// <param name="Problem">Why not; null where it can.</param>
public sealed record TokenizerInspection(PretrainedTokenizer? Tokenizer, string? Problem);

/// <summary>What the adapter can do with a folder.</summary>
/// <param name="Use">The most that it can do.</param>
/// <param name="Problem">What stands against more; null where nothing does.</param>
/// <param name="Config">rmt_config.json of a saved model; null where it is none, or the file is not right.</param>
public sealed record AdapterInspection(AdapterUse Use, string? Problem, RmtConfig? Config);

/// <summary>What the adapter can do with a folder.</summary>
public enum AdapterUse
{
    /// <summary>It cannot be used; the problem says why.</summary>
    None,

    /// <summary>A plain model around which a new adapter can be put, and trained.</summary>
    Backbone,

    /// <summary>A saved classifier: it labels documents as it is.</summary>
    Classifier,

    /// <summary>A saved language model: it goes on with texts as it is.</summary>
    LanguageModel,
}
