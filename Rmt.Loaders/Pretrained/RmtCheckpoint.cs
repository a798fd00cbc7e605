using Rmt.Adapter;
using Rmt.Bert;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Loaders;

/// <summary>Saved RMT models: a Hugging Face folder with rmt_config.json and rmt_model.safetensors beside.</summary>
public static class RmtCheckpoint
{
    /// <summary>Memory and head.</summary>
    public const string WeightsName = "rmt_model.safetensors";

    private static readonly string[] Tokenizers = ["vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"];

    // How larger vocabularies are padded: to a multiple of 128 at most.
    private const int RowsThatMayBeUnused = 127;

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
            ((BertBackbone)network.Adapter.Backbone).Model.PrepareReading();
            var segmenter = new Segmenter(network.Adapter.Layout, alignment ?? Enum.Parse<SegmentAlignment>(config.SegmentAlignment, ignoreCase: true));
            return new(tokenizer, segmenter, network, new(config.Labels));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Writes a classifier as a folder of its own.</summary>
    /// <param name="path">The folder; made where it is not.</param>
    /// <param name="classifier">What is saved.</param>
    /// <param name="origin">The folder its configuration and vocabulary are copied from.</param>
    /// <param name="config">What is written to rmt_config.json. With a frozen backbone its base_model_name_or_path says where the backbone is.</param>
    /// <param name="backboneTrained">Whether the backbone's weights are written too.</param>
    public static void Save(string path, DocumentClassifier classifier, ModelFolder origin, RmtConfig config, bool backboneTrained)
    {
        Directory.CreateDirectory(path);
        if (backboneTrained)
        {
            Copy(origin, path, "config.json");
            foreach (var name in Tokenizers) Copy(origin, path, name);
            TensorWriter.Write(Path.Combine(path, "model.safetensors"), classifier.Model.Adapter.Backbone.Module.named_parameters().Select(entry => (entry.name, (Tensor)entry.parameter)));
        }
        TensorWriter.Write(Path.Combine(path, WeightsName), Own(classifier.Model).Select(entry => (entry.Key, entry.Value)));
        config.Save(path);      // last: a folder without it is no saved model
    }

    /// <summary>Asks whether a saved classifier would load: everything that <see cref="Load"/> compares, from headers alone.</summary>
    /// <exception cref="LoadException">What loading would say.</exception>
    internal static void Check(ModelFolder folder, HubCache cache) => Open(folder, cache, copy: false).Network.Dispose();

    private static (RmtConfig Config, WordPieceTokenizer Tokenizer, RecurrentClassifier Network) Open(ModelFolder folder, HubCache cache, bool copy)
    {
        if (folder.RmtConfig is null)
            throw new LoadException(folder.Path, $"has no {RmtConfig.FileName}: it is a plain model, not a trained classifier with memory. Train one on it first.");
        var config = RmtConfig.Open(folder.Path);
        if (config.TaskType != RmtConfig.Classification)
            throw new LoadException(folder.RmtConfig, $"task_type is {config.TaskType}; a classifier has {RmtConfig.Classification}.");
        config.RequireSegmentSize(folder.RmtConfig, SegmentLayout.FrameTokens);
        var home = Home(folder, config, cache);
        var tokenizer = Tokenizer(folder, home);
        return (config, tokenizer, Network(folder, home, config, tokenizer, copy));
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

    internal static WordPieceTokenizer Tokenizer(ModelFolder folder, ModelFolder home) =>
        WordPieceTokenizer.Load(folder.VocabularyText is not null || folder.Tokenizer is not null ? folder.Path : home.Path);

    private static RecurrentClassifier Network(ModelFolder folder, ModelFolder home, RmtConfig config, WordPieceTokenizer tokenizer, bool copy)
    {
        IDisposable held = BertCheckpoint.Load(home, copy, out _);
        try
        {
            var bert = (BertModel)held;
            CheckTogether(folder, home, config, tokenizer, bert);
            using var weights = Checkpoint.Open(folder.Find(WeightsName) ?? throw new LoadException(folder.Path, $"has {RmtConfig.FileName} but no {WeightsName}."));
            CheckHead(weights, config, bert);
            var layout = new SegmentLayout(config.InputSize, config.MemoryTokens, tokenizer.Special);
            var network = new RecurrentClassifier(new(new BertBackbone(bert), layout), config.Labels.Count, bert.Config.ClassifierDropout ?? bert.Config.HiddenDropout);
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

    private static void CheckTogether(ModelFolder folder, ModelFolder home, RmtConfig config, WordPieceTokenizer tokenizer, BertModel bert)
    {
        if (!bert.HasPooler)
            throw new LoadException(home.Path, "the checkpoint has no pooler (pooler.dense.weight), and a classifier reads it. Save the pooler with the classifier.");
        if (tokenizer.VocabularySize > bert.Config.VocabSize || tokenizer.VocabularySize + RowsThatMayBeUnused < bert.Config.VocabSize)
            throw new LoadException(home.Path, $"the vocabulary has {tokenizer.VocabularySize} tokens, the weights have {bert.Config.VocabSize} rows (config.json, vocab_size): they do not belong together.");
        if (config.InputSize > bert.Config.MaxPositions)
            throw new LoadException(folder.RmtConfig!, $"input_size is {config.InputSize}; the backbone reads {bert.Config.MaxPositions} (config.json, max_position_embeddings).");
    }

    // Before the head is allocated: id2label may name millions.
    private static void CheckHead(Checkpoint weights, RmtConfig config, BertModel bert)
    {
        long[] shape = [config.Labels.Count, bert.Config.HiddenSize];
        if (weights.TryFind("classifier.weight", out var head) && !head.Shape.SequenceEqual(shape))
            throw new LoadException(weights.Path, $"tensor 'classifier.weight' is {Quoted.Shape(head.Shape)}; rmt_config.json (id2label) and config.json (hidden_size) need {Quoted.Shape(shape)}.");
    }

    // The head under its family's own names; memory is the adapter's.
    private static Dictionary<string, Tensor> Own(RecurrentClassifier network)
    {
        var all = network.named_parameters().ToDictionary(entry => entry.name, entry => (Tensor)entry.parameter);
        return new() { ["memory"] = all["adapter.memory"], ["classifier.weight"] = all["classifier.weight"], ["classifier.bias"] = all["classifier.bias"] };
    }

    private static void Copy(ModelFolder origin, string path, string name)
    {
        if (origin.Find(name) is { } file && Path.GetFullPath(file) != Path.GetFullPath(Path.Combine(path, name)))
            AtomicFile.Write(Path.Combine(path, name), File.ReadAllBytes(file));
    }
}
