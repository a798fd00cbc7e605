namespace Rmt.Loaders;

/// <summary>
/// From the names in a checkpoint to the names of a model's parameters. Decided from the file's names alone, before anything is loaded:
/// whether the backbone's prefix is there, the old names of LayerNorm, and which tensors nobody will ask for.
/// </summary>
public sealed class WeightMap
{
    /// <summary>What BERT checkpoints hold beside the backbone. A name that ends in a dot stands for all that begin with it.</summary>
    public static IReadOnlyList<string> UsualLeftovers { get; } =
    [
        "embeddings.position_ids",     // 0 … 511, a buffer that older versions of transformers saved
        "embeddings.token_type_ids",   // the same for token types
        "cls.",                        // the heads of pre-training
        "classifier.",                 // a head of BertForSequenceClassification and BertForTokenClassification
        "qa_outputs.",                 // the head of BertForQuestionAnswering
    ];

    private readonly string prefix;
    private readonly IReadOnlyList<string> leftovers;

    private WeightMap(string prefix, bool hasPrefix, IReadOnlyList<string> leftovers)
        => (this.prefix, HasPrefix, this.leftovers) = (prefix, hasPrefix, leftovers);

    /// <summary>Whether the file puts the backbone's prefix before its names: a model with a head was saved, not the backbone alone.</summary>
    public bool HasPrefix { get; }

    /// <summary>The map for a file.</summary>
    /// <param name="fileNames">All names of the file.</param>
    /// <param name="prefix">The family's name for its backbone, with the dot: <c>bert.</c></param>
    public static WeightMap For(IEnumerable<string> fileNames, string prefix)
        => new(prefix, fileNames.Any(name => name.StartsWith(prefix, StringComparison.Ordinal)), UsualLeftovers);

    /// <summary>The same map, which also leaves these aside without complaint; a name that ends in a dot stands for all that begin with it.</summary>
    public WeightMap Ignoring(params IEnumerable<string> names) => new(prefix, HasPrefix, [.. leftovers, .. names]);

    /// <summary>The same map, which asks for these although they are usually left aside: <c>classifier.</c></summary>
    public WeightMap Asking(params IEnumerable<string> names) => new(prefix, HasPrefix, [.. leftovers.Except(names)]);

    /// <summary>The parameter that a tensor of the file is meant for; null where it is a known leftover.</summary>
    public string? Parameter(string fileName)
    {
        var name = fileName.StartsWith(prefix, StringComparison.Ordinal) ? fileName[prefix.Length..] : fileName;
        // The names of the first TensorFlow checkpoints, kept by those that were converted from them.
        if (name.EndsWith("LayerNorm.gamma", StringComparison.Ordinal))
            name = $"{name[..^"gamma".Length]}weight";
        else if (name.EndsWith("LayerNorm.beta", StringComparison.Ordinal))
            name = $"{name[..^"beta".Length]}bias";
        return leftovers.Any(leftover => Covers(leftover, name)) ? null : name;
    }

    /// <summary>Whether a pattern stands for a name: the name itself or, where it ends in a dot, all that begin with it.</summary>
    internal static bool Covers(string pattern, string name)
        => pattern.EndsWith('.') ? name.StartsWith(pattern, StringComparison.Ordinal) : name == pattern;
}
