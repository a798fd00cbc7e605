namespace Rmt.Loaders;

/// <summary>The weights of a model, in one safetensors file or in several: the same to whoever reads them.</summary>
public sealed class Checkpoint : IDisposable
{
    private readonly Dictionary<string, SafetensorsFile> fileOf = [];

    private Checkpoint(string path, IReadOnlyList<SafetensorsFile> files)
    {
        (Path, Files) = (path, files);
        Entries = [.. files.SelectMany(file => file.Entries)];
        foreach (var file in files)
        {
            foreach (var entry in file.Entries)
                fileOf.Add(entry.Name, file);
        }
    }

    /// <summary>The one file, or the index of several.</summary>
    public string Path { get; }

    /// <summary>The open files.</summary>
    public IReadOnlyList<SafetensorsFile> Files { get; }

    /// <summary>All tensors, file by file, in the order of their bytes.</summary>
    public IReadOnlyList<TensorEntry> Entries { get; }

    /// <summary>Opens one safetensors file.</summary>
    public static Checkpoint Open(string path) => new(path, [SafetensorsFile.Open(path)]);

    /// <summary>Opens the files that an index names, and compares them with it.</summary>
    public static Checkpoint OpenShards(string indexPath) => new(indexPath, SafetensorsIndex.Parse(JsonFile.Open(indexPath)).OpenShards());

    /// <summary>The file that holds a tensor of <see cref="Entries"/>.</summary>
    public SafetensorsFile FileOf(TensorEntry entry) => fileOf[entry.Name];

    /// <summary>Whether there is a tensor of this name, and which.</summary>
    public bool TryFind(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TensorEntry? entry)
    {
        entry = null;
        return fileOf.TryGetValue(name, out var file) && file.TryFind(name, out entry);
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (var file in Files)
            file.Dispose();
    }
}
