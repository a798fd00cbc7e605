namespace Rmt.Loaders;

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its key in the header.</param>
/// <param name="Dtype">The type of its items.</param>
/// <param name="Shape">Sizes of its dimensions.</param>
/// <param name="WriteTo">Writes its items, little-endian and row by row. Called once, when their turn comes, so that not all need be in memory.</param>
public sealed record TensorSource(string Name, Dtype Dtype, IReadOnlyList<long> Shape, Action<Stream> WriteTo);

/// <summary>Writes safetensors files, byte for byte as the reference does, so that a file read and written again is the same file.</summary>
public static class SafetensorsWriter
{
    /// <summary>Creates or replaces a file, all or nothing (<see cref="AtomicFile"/>).</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">In any order; each name once.</param>
    /// <param name="metadata">The file's own notes. Readers in Python expect <c>format: pt</c> of a model.</param>
    public static void Write(string path, IEnumerable<TensorSource> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var sources = ByName(tensors, tensor => tensor.Name);
        var header = SafetensorsHeader.Layout(sources.Values.Select(source => new TensorEntry(source.Name, source.Dtype, source.Shape, 0, 0)), metadata);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header.ToBytes());
            foreach (var entry in header.Entries)
            {
                sources[entry.Name].WriteTo(stream);
                RequireEnd(stream, header, entry);
            }
        });
    }

    /// <summary>The same file, for whoever knows the tensors' types and shapes before their items: each is put into its place as it comes, so that
    /// only one need be in memory. All or nothing: where one is left out, or <paramref name="fill"/> throws, the old file stays.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">What will be written, each name once; their offsets are ignored.</param>
    /// <param name="fill">Is given what writes a tensor: its name and what writes its items. Each must be written once, in whatever order.</param>
    /// <param name="metadata">The file's own notes.</param>
    /// <exception cref="InvalidOperationException">A tensor was left out, written twice, or has too many or too few items.</exception>
    public static void WriteInAnyOrder(
        string path, IEnumerable<TensorEntry> tensors, Action<Action<string, Action<Stream>>> fill, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var header = SafetensorsHeader.Layout(ByName(tensors, tensor => tensor.Name).Values, metadata);
        var missing = header.Entries.ToDictionary(entry => entry.Name);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header.ToBytes());
            fill((name, write) =>
            {
                if (!missing.Remove(name, out var entry))
                    throw new InvalidOperationException($"{Quoted.Name(name)} has no place in {path}, or was written already.");
                stream.Position = header.DataStart + entry.Begin;
                write(stream);
                RequireEnd(stream, header, entry);
            });
            if (missing.Count > 0)
                throw new InvalidOperationException($"{missing.Count} tensors were not written: {Quoted.List(missing.Keys)}.");
        });
    }

    private static void RequireEnd(FileStream stream, SafetensorsHeader header, TensorEntry entry)
    {
        if (stream.Position != header.DataStart + entry.End)
            throw new InvalidOperationException($"{Quoted.Name(entry.Name)}, {entry.Dtype} {Quoted.Shape(entry.Shape)}, needs {entry.Length} bytes; written were {stream.Position - header.DataStart - entry.Begin}.");
    }

    private static Dictionary<string, T> ByName<T>(IEnumerable<T> tensors, Func<T, string> nameOf)
    {
        var byName = new Dictionary<string, T>();
        foreach (var tensor in tensors)
        {
            if (nameOf(tensor) is var name && (name == "__metadata__" || !byName.TryAdd(name, tensor)))
                throw new ArgumentException($"{Quoted.Name(name)} cannot be the name of {(name == "__metadata__" ? "a tensor" : "two tensors")}.", nameof(tensors));
        }
        return byName;
    }
}
