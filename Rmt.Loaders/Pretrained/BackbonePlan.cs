using Rmt.Adapter;

namespace Rmt.Loaders;

/// <summary>From a config.json to what it describes.</summary>
/// <param name="config">config.json, whose model_type chose this factory.</param>
/// <param name="dropout">Everywhere instead of the configuration's, from 0 to below 1; null: the configuration's.</param>
/// <exception cref="LoadException">A key is missing or wrong, or asks for something that is not supported; the message names it.</exception>
public delegate BackbonePlan BackboneFactory(JsonFile config, double? dropout);

/// <summary>How a backbone is made, and how a file names its weights. Nothing is allocated before <see cref="Make"/> is called.</summary>
public sealed record BackbonePlan
{
    /// <summary>Makes the backbone. It is given the names of the parameters that the file has, of which every one will be loaded, so that none need be drawn;
    /// null where there is no file, and all are to be drawn.</summary>
    public required Func<IReadOnlySet<string>?, IBackbone> Make { get; init; }

    /// <summary>vocab_size: rows of the word table.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>What files with a head put before the names of the backbone's parameters, with the dot: <c>bert.</c></summary>
    public string Prefix { get; init; } = "";

    /// <summary>Tensors of the family's files that are left aside, as <see cref="WeightMap"/> writes them: heads of pre-training, and tables that are computed.</summary>
    public IReadOnlyList<string> Leftovers { get; init; } = [];

    /// <summary>A parameter that a classifier reads and files may lack: <c>pooler.dense.weight</c>.</summary>
    public string? ClassifierNeeds { get; init; }

    /// <summary>The key of config.json that says how long a window may be.</summary>
    public string WindowKey { get; init; } = "max_position_embeddings";

    /// <summary>What is compared with the file before anything is allocated; null: nothing.</summary>
    public WeightClaims? Claims { get; init; }
}
