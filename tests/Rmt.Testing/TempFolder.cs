namespace Rmt.Testing;

/// <summary>A new empty folder, gone with all it holds at the end of the test.</summary>
public sealed class TempFolder : IDisposable
{
    /// <summary>Where it is.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("rmt-test-").FullName;

    /// <summary>The path of a file or folder in it; the folders on the way are made.</summary>
    public string this[params string[] parts]
    {
        get
        {
            var path = System.IO.Path.Combine([Path, .. parts]);
            _ = Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            return path;
        }
    }

    /// <summary>Writes a text file into it and returns the path.</summary>
    public string Write(string name, string content)
    {
        File.WriteAllText(this[name], content);
        return this[name];
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
