using System.Collections;
using System.Diagnostics.CodeAnalysis;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Modules by name, in the order they were added, registered under their names.</summary>
public sealed class ModuleDict<T> : nn.Module, IEnumerable<(string, T)> where T : nn.Module
{
    private readonly OrderedDictionary<string, T> entries = [];

    internal ModuleDict((string Name, T Module)[] modules) : base("ModuleDict")
    {
        foreach (var (name, module) in modules) Add(name, module);
    }

    /// <exception cref="KeyNotFoundException">No module of that name.</exception>
    public T this[string key] => entries[key];

    public int Count => entries.Count;

    public ICollection<string> Keys => entries.Keys;

    public ICollection<T> Values => entries.Values;

    public IEnumerable<string> keys() => entries.Keys;

    public IEnumerable<T> values() => entries.Values;

    public void Add(string key, T value)
    {
        register_module(key, value);
        entries.Add(key, value);
    }

    public bool ContainsKey(string key) => entries.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value) => entries.TryGetValue(key, out value);

    public IEnumerator<(string, T)> GetEnumerator() => entries.Select(entry => (entry.Key, entry.Value)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
