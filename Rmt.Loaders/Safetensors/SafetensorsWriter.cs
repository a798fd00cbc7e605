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
        var sources = new Dictionary<string, TensorSource>();
        foreach (var tensor in tensors)
        {
            if (tensor.Name == "__metadata__" || !sources.TryAdd(tensor.Name, tensor))
                throw new ArgumentException($"{Quoted.Name(tensor.Name)} cannot be the name of {(tensor.Name == "__metadata__" ? "a tensor" : "two tensors")}.", nameof(tensors));
        }
        var header = SafetensorsHeader.Layout(sources.Values.Select(source => new TensorEntry(source.Name, source.Dtype, source.Shape, 0, 0)), metadata);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header.ToBytes());
            foreach (var entry in header.Entries)
            {
                sources[entry.Name].WriteTo(stream);
                if (stream.Position != header.DataStart + entry.End)
                    throw new InvalidOperationException($"{Quoted.Name(entry.Name)}, {entry.Dtype} {Quoted.Shape(entry.Shape)}, needs {entry.Length} bytes; written were {stream.Position - header.DataStart - entry.Begin}.");
            }
        });
    }
}
