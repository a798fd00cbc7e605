namespace Rmt.Loaders;

/// <summary>
/// From the names in a checkpoint to the names of a model's parameters. Decided from the file's names alone, before anything is loaded:
/// whether the backbone's prefix is there, the old names of LayerNorm, and which tensors nobody will ask for.
/// </summary>
public sealed class WeightMap
{
    private readonly string prefix;
    private readonly IReadOnlyList<string> leftovers;

    private WeightMap(string prefix, bool hasPrefix, IReadOnlyList<string> leftovers)
        => (this.prefix, HasPrefix, this.leftovers) = (prefix, hasPrefix, leftovers);

    /// <summary>Whether the file puts the backbone's prefix before its names: a model with a head was saved, not the backbone alone.</summary>
    public bool HasPrefix { get; }

    /// <summary>The map for a file.</summary>
    /// <param name="fileNames">All names of the file.</param>
    /// <param name="prefix">The family's name for its backbone, with the dot: <c>bert.</c></param>
    /// <param name="leftovers">What the family's files hold beside the backbone: a name; all that begin with one, which ends in a dot; or all that end with one,
    /// which begins with a dot.</param>
    public static WeightMap For(IEnumerable<string> fileNames, string prefix, IReadOnlyList<string>? leftovers = null)
        => new(prefix, prefix.Length > 0 && fileNames.Any(name => name.StartsWith(prefix, StringComparison.Ordinal)), leftovers ?? []);

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

    /// <summary>Whether a pattern stands for a name: the name itself, or all that begin with it where it ends in a dot, or that end with it where it begins with one.</summary>
    internal static bool Covers(string pattern, string name)
        => pattern.EndsWith('.') ? name.StartsWith(pattern, StringComparison.Ordinal)
            : pattern.StartsWith('.') ? name.EndsWith(pattern, StringComparison.Ordinal) : name == pattern;
}
