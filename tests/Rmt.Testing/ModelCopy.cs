using System.Text.Json.Nodes;

namespace Rmt.Testing;

/// <summary>A copy of a model folder of ../shared in a temporary one, to be damaged.</summary>
public sealed class ModelCopy : IDisposable
{
    private readonly TempFolder folder = new();

    public ModelCopy(params string[] parts)
    {
        foreach (var file in Directory.EnumerateFiles(Shared.Path(parts)))
            File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
    }

    public string Path => folder.Path;

    public string FileOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Changes one key of a JSON file.</summary>
    public void Set(string file, string key, JsonNode? value)
    {
        var json = JsonNode.Parse(File.ReadAllText(FileOf(file)))!;
        json[key] = value;
        File.WriteAllText(FileOf(file), json.ToJsonString());
    }

    public void Delete(string file) => File.Delete(FileOf(file));

    public void Dispose() => folder.Dispose();
}
