using Rmt.Adapter;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Loaders;

/// <summary>Saved language models: folders as classifiers have them, with task_type CAUSAL_LM and without a head.</summary>
public static class LanguageCheckpoint
{
    /// <summary>Loads a saved language model.</summary>
    /// <param name="nameOrPath">A folder, or a hub id.</param>
    /// <param name="cache">Where hub ids are looked up.</param>
    /// <param name="device">CPU where none is named.</param>
    /// <param name="type">float32 where none is named.</param>
    /// <exception cref="LoadException">Something is missing or does not go together; the message names file, key or tensor.</exception>
    public static DocumentLanguageModel Load(string nameOrPath, HubCache cache, Device? device = null, ScalarType? type = null)
    {
        var folder = ModelFolder.OpenAny(ModelFolder.Find(nameOrPath, cache));
        var model = LoadToTrain(folder, cache).Model;
        try
        {
            _ = model.Model.to(device ?? CPU, type ?? float32);
            model.Model.Adapter.Backbone.PrepareReading();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Loads a saved language model to train it further.</summary>
    /// <param name="folder">The saved model.</param>
    /// <param name="cache">Where hub ids are looked up.</param>
    /// <param name="window">Length of a full window, instead of the model's own.</param>
    /// <param name="dropout">Everywhere, from 0 to below 1; null: the configuration's.</param>
    /// <returns>On the CPU, in float32; what its rmt_config.json says; the folder of its backbone.</returns>
    /// <exception cref="LoadException">Something is missing or does not go together, or the window does not fit the backbone and its memory.</exception>
    public static (DocumentLanguageModel Model, RmtConfig Config, ModelFolder Home) LoadToTrain(ModelFolder folder, HubCache cache, int? window = null, double? dropout = null)
    {
        var (saved, network) = Open(folder, cache, copy: true, window, dropout);
        return (new(saved.Tokenizer, new(network.Adapter.Layout, saved.Alignment), network), saved.Config, saved.Home);
    }

    /// <summary>A backbone with a new memory, drawn from the default generator.</summary>
    /// <param name="folder">A plain model: vocabulary, configuration, and weights unless they are drawn too.</param>
    /// <param name="memoryTokens">m, 0 or more.</param>
    /// <param name="window">Length of a full window; null: the longest that the backbone reads.</param>
    /// <param name="alignment">Where the segment goes that is not full; null: last.</param>
    /// <param name="dropout">Everywhere, from 0 to below 1; null: the configuration's.</param>
    /// <param name="drawn">Whether the backbone's weights are drawn as well, not loaded.</param>
    /// <returns>On the CPU, in float32.</returns>
    /// <exception cref="LoadException">Something is missing or does not go together.</exception>
    public static DocumentLanguageModel Begin(ModelFolder folder, int memoryTokens = 10, int? window = null, SegmentAlignment? alignment = null, double? dropout = null, bool drawn = false)
    {
        var tokenizer = RmtFolder.Tokenizer(folder, folder);
        var backbone = drawn ? BackboneFit.Speaking(folder, AutoBackbone.New(folder, dropout)) : BackboneFit.ForLanguageModel(folder, copy: true, dropout);
        var adapter = RmtFolder.NewAdapter(backbone, folder, tokenizer, memoryTokens, window);
        return new(tokenizer, new(adapter.Layout, alignment), new RecurrentLanguageModel(adapter));
    }

    /// <summary>What rmt_config.json says of a model, as it is.</summary>
    /// <param name="model">The model.</param>
    /// <param name="baseModel">Where its backbone is, if that is not saved with it: a hub id, or a path relative to the saved folder.</param>
    public static RmtConfig Settings(DocumentLanguageModel model, string? baseModel = null) => new()
    {
        TaskType = RmtConfig.LanguageModel,
        BaseModel = baseModel,
        MemoryTokens = model.Segmenter.Layout.MemoryTokens,
        SegmentSize = model.Segmenter.Layout.TokensPerSegment,
        InputSize = model.Segmenter.Layout.Window,
        SegmentAlignment = model.Segmenter.Alignment.ToString().ToLowerInvariant(),
    };

    /// <summary>Writes a language model as a folder of its own. Whoever reads the folder finds the model that was there before, this one, or, if the process
    /// is ended between two renames, none.</summary>
    /// <param name="path">The folder; made where it is not.</param>
    /// <param name="model">What is saved.</param>
    /// <param name="origin">The folder its configuration and vocabulary are copied from.</param>
    /// <param name="config">What is written to rmt_config.json: <see cref="Settings"/>, and how it was trained. With a frozen backbone its base_model_name_or_path
    /// says where the backbone is.</param>
    /// <param name="backboneTrained">Whether the backbone's weights are written too.</param>
    /// <param name="type">Of the backbone's weights in the file; null: as they are. Memory is small, and written as it is.</param>
    /// <exception cref="IOException">It cannot be written, or the folder holds another model's backbone or vocabulary and this one's is not written; the old model is whole.</exception>
    public static void Save(string path, DocumentLanguageModel model, ModelFolder origin, RmtConfig config, bool backboneTrained, ScalarType? type = null) =>
        RmtFolder.Save(path, model.Model, backboneTrained ? model.Model.Adapter.Backbone : null, origin, config, type);

    /// <summary>Asks whether a saved language model would load: everything that <see cref="Load"/> compares, from headers alone.</summary>
    /// <exception cref="LoadException">What loading would say.</exception>
    internal static void Check(ModelFolder folder, HubCache cache) => Open(folder, cache, copy: false).Network.Dispose();

    private static (SavedModel Saved, RecurrentLanguageModel Network) Open(ModelFolder folder, HubCache cache, bool copy, int? window = null, double? dropout = null)
    {
        var saved = SavedModel.Open(folder, cache, RmtConfig.LanguageModel);
        var backbone = BackboneFit.ForLanguageModel(saved.Home, copy, dropout);
        return (saved, saved.Network(backbone, copy, window, adapter => new RecurrentLanguageModel(adapter)));
    }
}
