using Rmt.Adapter;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Loaders;

/// <summary>Saved RMT models: a Hugging Face folder with rmt_config.json and rmt_model.safetensors beside.</summary>
public static class RmtCheckpoint
{
    /// <summary>Memory and head.</summary>
    public const string WeightsName = "rmt_model.safetensors";

    private static readonly string[] Tokenizers = ["vocab.txt", "vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"];

    private const string Unfinished = ".unfinished";

    /// <summary>Loads a saved classifier.</summary>
    /// <param name="nameOrPath">A folder, or a hub id.</param>
    /// <param name="cache">Where hub ids are looked up.</param>
    /// <param name="alignment">Instead of the model's own.</param>
    /// <param name="device">CPU where none is named.</param>
    /// <param name="type">float32 where none is named.</param>
    /// <exception cref="LoadException">Something is missing or does not go together; the message names file, key or tensor.</exception>
    public static DocumentClassifier Load(string nameOrPath, HubCache cache, SegmentAlignment? alignment = null, Device? device = null, ScalarType? type = null)
    {
        var folder = ModelFolder.OpenAny(ModelFolder.Find(nameOrPath, cache));
        var (config, tokenizer, network) = Open(folder, cache, copy: true);
        try
        {
            network.to(device ?? CPU, type ?? float32);
            network.Adapter.Backbone.PrepareReading();
            var segmenter = new Segmenter(network.Adapter.Layout, alignment ?? Enum.Parse<SegmentAlignment>(config.SegmentAlignment, ignoreCase: true));
            return new(tokenizer, segmenter, network, new(config.Labels));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Loads a saved classifier to train it further.</summary>
    /// <param name="folder">The saved classifier.</param>
    /// <param name="cache">Where hub ids are looked up.</param>
    /// <param name="alignment">Instead of the model's own.</param>
    /// <param name="dropout">Everywhere, from 0 to below 1; null: the configuration's.</param>
    /// <returns>On the CPU, in float32; what its rmt_config.json says; the folder of its backbone.</returns>
    public static (DocumentClassifier Classifier, RmtConfig Config, ModelFolder Home) LoadToTrain(ModelFolder folder, HubCache cache, SegmentAlignment? alignment = null, double? dropout = null)
    {
        var (config, tokenizer, network) = Open(folder, cache, copy: true, dropout);
        var segmenter = new Segmenter(network.Adapter.Layout, alignment ?? Enum.Parse<SegmentAlignment>(config.SegmentAlignment, ignoreCase: true));
        return (new(tokenizer, segmenter, network, new(config.Labels)), config, Home(folder, config, cache));
    }

    /// <summary>A backbone with a new memory and a new head, drawn from the default generator.</summary>
    /// <param name="folder">A plain model: vocabulary, configuration, and weights unless they are drawn too.</param>
    /// <param name="labels">The head's.</param>
    /// <param name="memoryTokens">m, 0 or more.</param>
    /// <param name="window">Length of a full window; null: the longest that the backbone reads.</param>
    /// <param name="alignment">Where the segment goes that is not full; null: first, but last where the backbone is causal.</param>
    /// <param name="dropout">Everywhere, from 0 to below 1; null: the configuration's.</param>
    /// <param name="drawn">Whether the backbone's weights are drawn as well, not loaded.</param>
    /// <returns>On the CPU, in float32.</returns>
    /// <exception cref="LoadException">Something is missing or does not go together.</exception>
    public static DocumentClassifier Begin(ModelFolder folder, LabelSet labels, int memoryTokens = 10, int? window = null,
        SegmentAlignment? alignment = null, double? dropout = null, bool drawn = false)
    {
        var tokenizer = Tokenizer(folder, folder);
        IDisposable held = drawn ? AutoBackbone.New(folder, dropout) : BackboneFit.ForClassifier(folder, copy: true, dropout);
        try
        {
            var backbone = (IBackbone)held;
            BackboneFit.RequireVocabulary(folder, tokenizer, backbone);
            var length = window ?? backbone.MaxWindow;
            if (length > backbone.MaxWindow)
                throw new LoadException(folder.Path, $"a window of {length} tokens is longer than the backbone reads: {backbone.MaxWindow} (config.json, {AutoBackbone.Plan(folder).WindowKey}).");
            var frame = BackboneFit.Frame(backbone, memoryTokens);
            if (length - memoryTokens - frame < 1)
                throw new LoadException(folder.Path, $"a window of {length} tokens has no room for text beside {memoryTokens} memory tokens and {frame} {(backbone.IsCausal ? "places to write them" : "special tokens")}.");
            var network = new RecurrentClassifier(new(backbone, new(length, memoryTokens, tokenizer.Special, backbone.IsCausal)), labels.Count);
            held = network;
            return new(tokenizer, new(network.Adapter.Layout, alignment), network, labels);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Writes a classifier as a folder of its own. Whoever reads the folder finds the model that was there before, this one, or, if the process
    /// is ended between two renames, none.</summary>
    /// <param name="path">The folder; made where it is not.</param>
    /// <param name="classifier">What is saved.</param>
    /// <param name="origin">The folder its configuration and vocabulary are copied from.</param>
    /// <param name="config">What is written to rmt_config.json. With a frozen backbone its base_model_name_or_path says where the backbone is.</param>
    /// <param name="backboneTrained">Whether the backbone's weights are written too.</param>
    /// <param name="type">Of the backbone's weights in the file; null: as they are. Memory and head are few, and written as they are.</param>
    public static void Save(string path, DocumentClassifier classifier, ModelFolder origin, RmtConfig config, bool backboneTrained, ScalarType? type = null)
    {
        using var scope = NewDisposeScope();
        Directory.CreateDirectory(path);
        var beside = Path.Combine(path, Unfinished);        // all of it first: a full disk leaves the old model whole
        if (Directory.Exists(beside)) Directory.Delete(beside, recursive: true);
        Directory.CreateDirectory(beside);
        try
        {
            if (backboneTrained)
            {
                Copy(origin, beside, "config.json");
                foreach (var name in Tokenizers) Copy(origin, beside, name);
                TensorWriter.Write(Path.Combine(beside, "model.safetensors"), classifier.Model.Adapter.Backbone.Module.named_parameters()
                    .Select(entry => (entry.name, type is { } narrow ? entry.parameter.detach().to(narrow) : entry.parameter)));
            }
            TensorWriter.Write(Path.Combine(beside, WeightsName), Own(classifier.Model).Select(entry => (entry.Key, entry.Value)));
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

    /// <summary>Asks whether a saved classifier would load: everything that <see cref="Load"/> compares, from headers alone.</summary>
    /// <exception cref="LoadException">What loading would say.</exception>
    internal static void Check(ModelFolder folder, HubCache cache) => Open(folder, cache, copy: false).Network.Dispose();

    private static (RmtConfig Config, PretrainedTokenizer Tokenizer, RecurrentClassifier Network) Open(ModelFolder folder, HubCache cache, bool copy, double? dropout = null)
    {
        if (folder.RmtConfig is null)
            throw new LoadException(folder.Path, $"has no {RmtConfig.FileName}: it is a plain model, not a trained classifier with memory. Train one on it first.");
        var config = RmtConfig.Open(folder.Path);
        if (config.TaskType != RmtConfig.Classification)
            throw new LoadException(folder.RmtConfig, $"task_type is {config.TaskType}; a classifier has {RmtConfig.Classification}.");
        var home = Home(folder, config, cache);
        var tokenizer = Tokenizer(folder, home);
        return (config, tokenizer, Network(folder, home, config, tokenizer, copy, dropout));
    }

    /// <summary>The folder of the backbone's weights: this one, or the one that rmt_config.json names.</summary>
    internal static ModelFolder Home(ModelFolder folder, RmtConfig config, HubCache cache) =>
        folder.HasWeights ? ModelFolder.Open(folder.Path) : Base(folder, config, cache);

    private static ModelFolder Base(ModelFolder folder, RmtConfig config, HubCache cache)
    {
        if (config.BaseModel is not { Length: > 0 } name)
            throw new LoadException(folder.Path, "has no weights of a backbone, and rmt_config.json (base_model_name_or_path) names none.");
        var beside = Path.GetFullPath(Path.Combine(folder.Path, name));
        return Directory.Exists(beside) ? ModelFolder.Open(beside) : ModelFolder.Locate(name, cache);
    }

    /// <summary>The tokenizer of a saved model, or of the folder of its backbone.</summary>
    internal static PretrainedTokenizer Tokenizer(ModelFolder folder, ModelFolder home) =>
        PretrainedTokenizer.Load((folder.VocabularyText ?? folder.VocabularyJson ?? folder.Tokenizer) is not null ? folder.Path : home.Path);

    private static RecurrentClassifier Network(ModelFolder folder, ModelFolder home, RmtConfig config, PretrainedTokenizer tokenizer, bool copy, double? dropout)
    {
        IDisposable held = BackboneFit.ForClassifier(home, copy, dropout);
        try
        {
            var backbone = (IBackbone)held;
            BackboneFit.RequireVocabulary(home, tokenizer, backbone);
            config.RequireSegmentSize(folder.RmtConfig!, BackboneFit.Frame(backbone, config.MemoryTokens));
            BackboneFit.RequireWindow(folder, home, config, backbone);
            using var weights = Checkpoint.Open(folder.Find(WeightsName) ?? throw new LoadException(folder.Path, $"has {RmtConfig.FileName} but no {WeightsName}."));
            BackboneFit.RequireHead(weights, config, backbone);
            var layout = new SegmentLayout(config.InputSize, config.MemoryTokens, tokenizer.Special, backbone.IsCausal);
            var network = new RecurrentClassifier(new(backbone, layout), config.Labels.Count);
            held = network;
            WeightLoader.Load(Own(network), weights, name => name, copy).RequireComplete();
            return network;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    // What is not the backbone's: memory and its projection under the names of the format, the head under those of its family.
    private static Dictionary<string, Tensor> Own(RecurrentClassifier network) => network.named_parameters()
        .Where(entry => !entry.name.StartsWith("adapter.backbone.", StringComparison.Ordinal))
        .ToDictionary(entry => entry.name.Split('.', 2) switch
        {
            ["adapter", var name] => name.Replace("projection.", "memory_projection.", StringComparison.Ordinal),
            [_, var name] => name,
            _ => entry.name,
        }, entry => (Tensor)entry.parameter);

    private static void Copy(ModelFolder origin, string path, string name)
    {
        if (origin.Find(name) is { } file && Path.GetFullPath(file) != Path.GetFullPath(Path.Combine(path, name)))
            AtomicFile.Write(Path.Combine(path, name), File.ReadAllBytes(file));
    }
}
