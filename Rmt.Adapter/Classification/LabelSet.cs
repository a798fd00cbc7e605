namespace Rmt.Adapter;

/// <summary>The names of the classes, in the order of the head's outputs.</summary>
public sealed class LabelSet
{
    private readonly Dictionary<string, int> indexes = [];

    /// <exception cref="ArgumentException">Fewer than two names, an empty one, or one twice.</exception>
    public LabelSet(IEnumerable<string> names)
    {
        Names = [.. names];
        if (Names.Count < 2) throw new ArgumentException($"a classifier needs two labels or more, given is {Names.Count}", nameof(names));
        foreach (var name in Names)
        {
            if (string.IsNullOrWhiteSpace(name)) throw new ArgumentException("a label is empty", nameof(names));
            if (!indexes.TryAdd(name, indexes.Count)) throw new ArgumentException($"label '{name}' stands twice", nameof(names));
        }
    }

    /// <summary>By index.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>C: number of classes.</summary>
    public int Count => Names.Count;

    /// <summary>The index of a name.</summary>
    /// <exception cref="ArgumentException">No such label; the message lists those there are.</exception>
    public int IndexOf(string name) =>
        indexes.TryGetValue(name, out var index) ? index : throw new ArgumentException($"no label '{name}'; there are {string.Join(", ", Names)}", nameof(name));
}
