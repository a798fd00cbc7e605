using Rmt.Adapter;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Loaders;

/// <summary>Saved classifiers: a Hugging Face folder with rmt_config.json and rmt_model.safetensors beside.</summary>
public static class RmtCheckpoint
{
    /// <summary>Memory and head.</summary>
    public const string WeightsName = RmtFolder.WeightsName;

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
        var (saved, network) = Open(folder, cache, copy: true);
        try
        {
            network.to(device ?? CPU, type ?? float32);
            network.PrepareReading();
            return Classifier(saved, network, alignment);
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
    /// <param name="window">Length of a full window, instead of the model's own.</param>
    /// <param name="alignment">Instead of the model's own.</param>
    /// <param name="dropout">Everywhere, from 0 to below 1; null: the configuration's.</param>
    /// <returns>On the CPU, in float32; what its rmt_config.json says; the folder of its backbone.</returns>
    /// <exception cref="LoadException">Something is missing or does not go together, or the window does not fit the backbone and its memory.</exception>
    public static (DocumentClassifier Classifier, RmtConfig Config, ModelFolder Home) LoadToTrain(ModelFolder folder, HubCache cache, int? window = null,
        SegmentAlignment? alignment = null, double? dropout = null)
    {
        var (saved, network) = Open(folder, cache, copy: true, window, dropout);
        return (Classifier(saved, network, alignment), saved.Config, saved.Home);
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
        var tokenizer = RmtFolder.Tokenizer(folder, folder);
        var backbone = drawn ? AutoBackbone.New(folder, dropout) : BackboneFit.ForClassifier(folder, copy: true, dropout);
        var adapter = RmtFolder.NewAdapter(backbone, folder, tokenizer, memoryTokens, window);
        return new(tokenizer, new(adapter.Layout, alignment), new RecurrentClassifier(adapter, labels.Count), labels);
    }

    /// <summary>Writes a classifier as a folder of its own. Whoever reads the folder finds the model that was there before, this one, or, if the process
    /// is ended between two renames, none.</summary>
    /// <param name="path">The folder; made where it is not.</param>
    /// <param name="classifier">What is saved.</param>
    /// <param name="origin">The folder its configuration and vocabulary are copied from.</param>
    /// <param name="config">What is written to rmt_config.json. With a frozen backbone its base_model_name_or_path says where the backbone is.</param>
    /// <param name="backboneTrained">Whether the backbone's weights are written too.</param>
    /// <param name="type">Of the backbone's weights in the file; null: as they are. Memory and head are few, and written as they are.</param>
    /// <exception cref="IOException">It cannot be written, or the folder holds another model's backbone or vocabulary and this one's is not written; the old model is whole.</exception>
    public static void Save(string path, DocumentClassifier classifier, ModelFolder origin, RmtConfig config, bool backboneTrained, ScalarType? type = null) =>
        RmtFolder.Save(path, classifier.Model, backboneTrained ? classifier.Model.Adapter.Backbone : null, origin, config, type);

    /// <summary>Asks whether a saved classifier would load: everything that <see cref="Load"/> compares, from headers alone.</summary>
    /// <exception cref="LoadException">What loading would say.</exception>
    internal static void Check(ModelFolder folder, HubCache cache) => Open(folder, cache, copy: false).Network.Dispose();

    private static DocumentClassifier Classifier(SavedModel saved, RecurrentClassifier network, SegmentAlignment? alignment) =>
        new(saved.Tokenizer, new(network.Adapter.Layout, alignment ?? saved.Alignment), network, new(saved.Config.Labels));

    private static (SavedModel Saved, RecurrentClassifier Network) Open(ModelFolder folder, HubCache cache, bool copy, int? window = null, double? dropout = null)
    {
        var saved = SavedModel.Open(folder, cache, RmtConfig.Classification);
        var backbone = BackboneFit.ForClassifier(saved.Home, copy, dropout);
        return (saved, saved.Network(backbone, copy, window, adapter => new RecurrentClassifier(adapter, saved.Config.Labels.Count)));
    }
}
