using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Rmt.Adapter;
using Rmt.Loaders;
using TorchSharp;

namespace Rmt.Service;

/// <summary>Where a service's models come from.</summary>
internal interface IModelSource
{
    /// <summary>How requests name them; the first is taken where none is named.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Loads one; on the worker's thread.</summary>
    /// <exception cref="LoadException">It is not loadable; the message says why.</exception>
    LoadedModel Load(string name);
}

/// <summary>Saved classifiers, as the options name them.</summary>
internal sealed class SavedModels(RmtClassifierOptions options, ILogger<SavedModels> log) : IModelSource
{
    public IReadOnlyList<string> Names { get; } = [.. options.Models.Select(model => model.NameOrLast)];

    public LoadedModel Load(string name)
    {
        var (path, cache) = (options.Models.First(model => model.NameOrLast == name).Path, HubCache.FromEnvironment());
        torch.set_num_threads(options.Threads > 0 ? options.Threads : Environment.ProcessorCount);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{ModelHash.Of(path, cache)} {options.Dtype}{(options.Reading.Gelu == GeluForm.Fast ? " fast" : "")}"));
        var config = RmtConfig.Open(ModelFolder.Find(path, cache));
        var classifier = Classifier(name, path, cache);
        return new(name, Convert.ToHexStringLower(hash), classifier, config.SumLoss, options.BatchSize);
    }

    private DocumentClassifier Classifier(string name, string path, HubCache cache)
    {
        try
        {
            return options.Reading.Load(path, cache, say: line => log.ReadsSlower(name, line));
        }
        catch (NotSupportedException error) when (options.Reading.Gelu != GeluForm.Exact)
        {
            throw new LoadException(path, $"Rmt:Gelu fast: {error.Message}");
        }
    }
}
