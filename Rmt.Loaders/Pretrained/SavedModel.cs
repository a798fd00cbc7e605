using Rmt.Adapter;
using static TorchSharp.torch;

namespace Rmt.Loaders;

/// <summary>A saved model before its weights are read: where its parts lie, and what they say.</summary>
/// <param name="Folder">The saved model.</param>
/// <param name="Home">The folder of its backbone: this one, or the one that rmt_config.json names.</param>
/// <param name="Config">rmt_config.json.</param>
/// <param name="Tokenizer">Its own, or that of <paramref name="Home"/>.</param>
internal sealed record SavedModel(ModelFolder Folder, ModelFolder Home, RmtConfig Config, PretrainedTokenizer Tokenizer)
{
    /// <summary>Opens a saved model of a task.</summary>
    /// <exception cref="LoadException">It is a plain model, or one of another task, or a part is missing.</exception>
    public static SavedModel Open(ModelFolder folder, HubCache cache, string task)
    {
        var config = RmtFolder.Settings(folder, task);
        var home = RmtFolder.Home(folder, config, cache);
        return new(folder, home, config, RmtFolder.Tokenizer(folder, home));
    }

    /// <summary>How the model cuts documents.</summary>
    public SegmentAlignment Alignment => Enum.Parse<SegmentAlignment>(Config.SegmentAlignment, ignoreCase: true);

    /// <summary>A network around a backbone that was loaded, and its own weights out of the folder. The backbone is freed where this fails.</summary>
    /// <param name="held">The backbone.</param>
    /// <param name="copy">Whether weights are read; else they are only compared.</param>
    /// <param name="window">Length of a full window; null: the model's own.</param>
    /// <param name="network">What stands around the recurrence.</param>
    /// <exception cref="LoadException">Something is missing or does not go together.</exception>
    public T Network<T>(IBackbone held, bool copy, int? window, Func<RecurrentMemoryAdapter, T> network) where T : nn.Module
    {
        IDisposable owned = held;
        try
        {
            BackboneFit.RequireVocabulary(Home, Tokenizer, held);
            Config.RequireSegmentSize(Folder.RmtConfig!, BackboneFit.Frame(held, Config.MemoryTokens));
            BackboneFit.RequireWindow(Folder, Home, Config, held);
            var length = window ?? Config.InputSize;
            BackboneFit.RequireRoom(Home, held, Config.MemoryTokens, length);
            using var weights = Checkpoint.Open(Folder.Find(RmtFolder.WeightsName) ?? throw new LoadException(Folder.Path, $"has {RmtConfig.FileName} but no {RmtFolder.WeightsName}."));
            BackboneFit.RequireHead(weights, Config, held);
            var adapter = new RecurrentMemoryAdapter(held, new(length, Config.MemoryTokens, Tokenizer.Special, held.IsCausal));
            owned = adapter;
            var made = network(adapter);
            owned = made;
            WeightLoader.Load(RmtFolder.Own(made), weights, name => name, copy).RequireComplete();
            return made;
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }
}
