using System.Collections.Concurrent;
using Rmt.Adapter;

namespace Rmt.Loaders;

/// <summary>A Hugging Face folder to the backbone it holds: model_type in its config.json chooses the family.</summary>
public static class AutoBackbone
{
    private static readonly ConcurrentDictionary<string, BackboneFactory> Factories = new()
    {
        [BertCheckpoint.ModelType] = BertCheckpoint.Plan,
        ["distilbert"] = DistilBertCheckpoint.Plan,
        ["electra"] = ElectraCheckpoint.Plan,
        ["gpt2"] = Gpt2Checkpoint.Plan,
        ["roberta"] = RobertaCheckpoint.Plan,
    };

    /// <summary>The families that are known, in alphabetical order.</summary>
    public static IReadOnlyList<string> ModelTypes => [.. Factories.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Adds a family, or puts another in the place of one that is there.</summary>
    /// <param name="modelType">model_type in config.json.</param>
    /// <param name="factory">What is made of it.</param>
    public static void Register(string modelType, BackboneFactory factory) => Factories[modelType] = factory;

    /// <summary>Configuration and weights.</summary>
    /// <returns>On the CPU, in float32; the caller frees it.</returns>
    /// <exception cref="LoadException">An unknown family, or anything is missing, unexpected or of another shape; one message names all of it.</exception>
    public static IBackbone Load(ModelFolder folder) => Load(folder, out _);

    /// <summary>The same, with the report of what was read and what was left aside.</summary>
    public static IBackbone Load(ModelFolder folder, out LoadReport report) => Load(folder, copy: true, dropout: null, out report);

    /// <summary>A backbone of the folder's configuration with new weights from the default generator; the folder need hold no other file.</summary>
    /// <param name="folder">Where config.json is.</param>
    /// <param name="dropout">Everywhere, from 0 to below 1; null: the configuration's.</param>
    public static IBackbone New(ModelFolder folder, double? dropout = null) => Plan(folder, dropout).Make(null);

    /// <summary>What the folder's config.json describes.</summary>
    internal static BackbonePlan Plan(ModelFolder folder, double? dropout = null) =>
        Factories[folder.Config.Choice("model_type", ModelTypes)](folder.Config, dropout);

    /// <summary>The tensors of the folder's weights that loading leaves aside.</summary>
    internal static IReadOnlyList<string> LeftAside(ModelFolder folder)
    {
        var plan = Plan(folder);
        using var weights = folder.OpenWeights();
        var names = weights.Entries.Select(entry => entry.Name).ToList();
        var map = WeightMap.For(names, plan.Prefix, plan.Leftovers);
        return [.. names.Where(name => map.Parameter(name) is null)];
    }

    // Without copying it is a model of the right shape, whose weights are whatever memory held: memory that is not touched costs nothing.
    internal static IBackbone Load(ModelFolder folder, bool copy, double? dropout, out LoadReport report) => Load(folder, Plan(folder, dropout), copy, out report);

    // Whatever is registered for the folder's family.
    internal static IBackbone Load(ModelFolder folder, BackbonePlan plan, bool copy, out LoadReport report)
    {
        using var weights = folder.OpenWeights();
        var names = weights.Entries.Select(entry => entry.Name).ToList();
        var map = WeightMap.For(names, plan.Prefix, plan.Leftovers);
        plan.Claims?.Check(weights, map, folder.Config.Text("model_type"));
        var backbone = plan.Make(names.Select(map.Parameter).OfType<string>().ToHashSet());
        try
        {
            report = WeightLoader.Load(backbone.Module, weights, map, copy).RequireComplete();
            return backbone;
        }
        catch
        {
            backbone.Dispose();
            throw;
        }
    }
}
