using TorchSharp;

namespace Rmt.Loaders;

/// <summary>Types of numbers by the names that options and settings have for them.</summary>
public static class NumberTypes
{
    /// <summary>What a model reads in: all of it, weights too.</summary>
    public static IReadOnlyList<string> Names { get; } = ["float32", "bfloat16", "float16"];

    /// <summary>The type of a name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static torch.ScalarType Named(string name) => name switch
    {
        "float32" => torch.ScalarType.Float32,
        "bfloat16" => torch.ScalarType.BFloat16,
        "float16" => torch.ScalarType.Float16,
        _ => throw new ArgumentException($"there is no type '{name}'; there are {string.Join(", ", Names)}", nameof(name)),
    };
}
