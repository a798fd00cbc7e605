namespace Rmt.Loaders;

/// <summary>
/// A Hugging Face folder: config.json, weights in safetensors, vocabulary. Opening looks at what is there and reads nothing large.
/// </summary>
public sealed class ModelFolder
{
    private const string Weights = "model.safetensors", Shards = "model.safetensors.index.json";
    private JsonFile? config;

    private ModelFolder(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>config.json, parsed when first asked for.</summary>
    public JsonFile Config => config ??= JsonFile.Open(RequireConfig());

    /// <summary>vocab.txt (WordPiece), or null.</summary>
    public string? VocabularyText => Find("vocab.txt");

    /// <summary>vocab.json (byte-level BPE), or null.</summary>
    public string? VocabularyJson => Find("vocab.json");

    /// <summary>merges.txt (byte-level BPE), or null.</summary>
    public string? Merges => Find("merges.txt");

    /// <summary>tokenizer.json, or null.</summary>
    public string? Tokenizer => Find("tokenizer.json");

    /// <summary>tokenizer_config.json, or null.</summary>
    public string? TokenizerConfig => Find("tokenizer_config.json");

    /// <summary>special_tokens_map.json, or null.</summary>
    public string? SpecialTokensMap => Find("special_tokens_map.json");

    /// <summary>rmt_config.json, or null: then this is no saved adapter.</summary>
    public string? RmtConfig => Find("rmt_config.json");

    /// <summary>Whether weights of a backbone are here, one file or shards.</summary>
    public bool HasWeights => (Find(Weights) ?? Find(Shards)) is not null;

    /// <summary>Opens a folder that holds a whole model: config.json and weights.</summary>
    public static ModelFolder Open(string path)
    {
        var folder = OpenAny(path);
        _ = folder.RequireConfig();
        _ = folder.RequireWeights();
        return folder;
    }

    /// <summary>Opens a folder of which only a part is needed: the vocabulary, or the two files of an adapter whose backbone is elsewhere.</summary>
    public static ModelFolder OpenAny(string path)
    {
        if (File.Exists(path))
            throw new LoadException(path, "is a file; a model is the folder that holds config.json and model.safetensors.");
        if (!Directory.Exists(path))
            throw new LoadException(path, "there is no such folder.");
        return new ModelFolder(path);
    }

    /// <summary>Opens a model named by its folder or, where there is no such folder, by its hub id, found in the hub's cache.</summary>
    public static ModelFolder Locate(string nameOrPath, HubCache cache) => Open(Find(nameOrPath, cache));

    /// <summary>The folder that a name stands for; whether it holds a whole model is not looked at.</summary>
    /// <param name="nameOrPath">A folder, ID or ID@REVISION: a branch, a tag or a whole commit.</param>
    /// <param name="cache">Where ids are looked up.</param>
    public static string Find(string nameOrPath, HubCache cache)
    {
        if (Directory.Exists(nameOrPath) || File.Exists(nameOrPath))
            return nameOrPath;
        if (!HubCache.IsId(nameOrPath.Split('@')[0]))
            throw new LoadException(nameOrPath, "there is no such folder, and it is no hub id either (NAME or OWNER/NAME, with @REVISION or without).");
        return cache.LocateNamed(nameOrPath);
    }

    /// <summary>A file of the folder, or null where it has none of that name.</summary>
    public string? Find(string fileName)
    {
        var path = System.IO.Path.Combine(Path, fileName);
        return File.Exists(path) ? path : null;
    }

    /// <summary>Opens the weights: one file, or shards and their index.</summary>
    public Checkpoint OpenWeights()
    {
        var path = RequireWeights();
        return path.EndsWith(".json", StringComparison.Ordinal) ? Checkpoint.OpenShards(path) : Checkpoint.Open(path);
    }

    private string RequireConfig()
    {
        if (Find("config.json") is { } path)
            return path;
        if (RmtConfig is not null)
            throw new LoadException(Path, "holds an adapter (rmt_config.json) without its backbone (no config.json): the backbone is what base_model_name_or_path names there.");
        throw new LoadException(Path, $"has no config.json, so it is not a model folder; it holds {Listing(Path)}.");
    }

    private string RequireWeights()
    {
        // As transformers: one file wins over shards.
        if ((Find(Weights) ?? Find(Shards)) is { } path)
            return path;
        var pickles = Directory.EnumerateFiles(Path, "pytorch_model*.bin").Any();
        throw new LoadException(Path, pickles
            ? $"has its weights only as pytorch_model.bin. Pickles are not read, because reading one runs the code in it. Convert it once in Python: transformers.AutoModel.from_pretrained(FOLDER).save_pretrained(FOLDER, safe_serialization=True) writes {Weights}."
            : $"has no weights ({Weights} or {Shards}); it holds {Listing(Path)}.");
    }

    /// <summary>The first names in a folder, for messages.</summary>
    internal static string Listing(string folder)
    {
        var names = Directory.EnumerateFileSystemEntries(folder).Select(entry => System.IO.Path.GetFileName(entry)).Order(StringComparer.Ordinal).ToList();
        return names.Count == 0 ? "nothing" : Quoted.List(names, most: 6);
    }
}
