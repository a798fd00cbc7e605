namespace Rmt.Loaders;

/// <summary>A table whose shape follows from config.json.</summary>
/// <param name="Parameter">Its name in the backbone.</param>
/// <param name="Keys">The keys its shape follows from, for messages: <c>vocab_size, hidden_size</c>.</param>
/// <param name="Shape">What they say.</param>
public sealed record TableClaim(string Parameter, string Keys, params long[] Shape);

/// <summary>What a config.json claims of the weights beside it: compared with the file before anything is allocated by it.</summary>
/// <param name="LayerPrefix">What the parameters of layer N begin with before N: <c>encoder.layer.</c></param>
/// <param name="Layers">How many there are.</param>
/// <param name="LayersKey">The key that says so.</param>
/// <param name="Tables">The largest tables of the embeddings and of a layer.</param>
/// <param name="Numbers">Real numbers of all parameters that must be there. 128 bits: hidden_size² × num_hidden_layers reaches 2^93.</param>
/// <param name="NumbersKeys">The keys it follows from.</param>
public sealed record WeightClaims(string LayerPrefix, int Layers, string LayersKey, IReadOnlyList<TableClaim> Tables, Int128 Numbers, string NumbersKeys)
{
    /// <exception cref="LoadException">The file holds something else; the message names the tensor, the key and both sizes.</exception>
    internal void Check(Checkpoint weights, WeightMap map, string modelType)
    {
        var layers = weights.Entries.Select(entry => map.Parameter(entry.Name)).OfType<string>()
            .Where(name => name.StartsWith(LayerPrefix, StringComparison.Ordinal)).Select(name => name[LayerPrefix.Length..].Split('.')[0]).Distinct().Count();
        if (layers != Layers && layers > 0)      // none at all: another family, whose tables are missing too
            throw new LoadException(weights.Path, $"has {layers} encoder layers ({LayerPrefix}N); config.json ({LayersKey}) says {Layers}.");
        foreach (var table in Tables) Check(weights, map, table, modelType);
        var held = weights.Entries.Sum(entry => entry.Items);
        if (Numbers > held)
            throw new LoadException(weights.Path, $"holds {held} numbers; the backbone that config.json ({NumbersKeys}) describes has {Numbers}.");
    }

    private static void Check(Checkpoint weights, WeightMap map, TableClaim table, string modelType)
    {
        var entry = weights.Entries.FirstOrDefault(entry => map.Parameter(entry.Name) == table.Parameter)
            ?? throw new LoadException(weights.Path, $"has no tensor {Quoted.Name(table.Parameter)}; it has {weights.Entries.Count}: {Quoted.List([.. weights.Entries.Select(e => e.Name)], 5)}. Is it of the family that config.json (model_type) says, {Quoted.Name(modelType)}?");
        if (!entry.Shape.SequenceEqual(table.Shape))
            throw new LoadException(weights.Path, $"tensor {Quoted.Name(entry.Name)} is {Quoted.Shape(entry.Shape)}; config.json ({table.Keys}) needs {Quoted.Shape(table.Shape)}.");
    }
}
