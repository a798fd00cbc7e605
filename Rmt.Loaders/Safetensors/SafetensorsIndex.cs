using System.Text.Json;

namespace Rmt.Loaders;

/// <summary>
/// <c>model.safetensors.index.json</c>: which of several files holds which tensor. Checked against the files: every one named lies in the
/// index's own folder, and each tensor lies in the file that is named for it, in no other, and none is left out.
/// </summary>
public sealed class SafetensorsIndex
{
    private SafetensorsIndex(string path, IReadOnlyDictionary<string, string> shardOf) => (Path, ShardOf) = (path, shardOf);

    /// <summary>Where the index is.</summary>
    public string Path { get; }

    /// <summary>Tensor name → file name.</summary>
    public IReadOnlyDictionary<string, string> ShardOf { get; }

    /// <summary>The files, each once, in the order of their names.</summary>
    public IReadOnlyList<string> Shards => [.. ShardOf.Values.Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Checks the index itself; no other file is looked at.</summary>
    public static SafetensorsIndex Parse(JsonFile json)
    {
        var shardOf = new Dictionary<string, string>();
        var map = json.Inner("weight_map");
        foreach (var member in map.Members)
        {
            // Only a plain name: with a path in it the index could name any file of this machine.
            if (member.Value.ValueKind != JsonValueKind.String || !IsFileName(member.Value.GetString()!))
                throw map.Wrong(member.Name, "the name of a file beside the index");
            shardOf.Add(member.Name, member.Value.GetString()!);
        }
        if (shardOf.Count == 0)
            throw json.Wrong("weight_map", "an object that names a file for every tensor", "an empty one");
        return new SafetensorsIndex(json.Path, shardOf);
    }

    /// <summary>Opens all shards and compares what they hold with what the index says.</summary>
    public IReadOnlyList<SafetensorsFile> OpenShards()
    {
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;
        var files = new List<SafetensorsFile>();
        try
        {
            foreach (var shard in Shards)
            {
                var path = System.IO.Path.Combine(folder, shard);
                if (!File.Exists(path))
                    throw new LoadException(Path, $"names the file {Quoted.Name(shard)} for {ShardOf.Values.Count(name => name == shard)} tensors, which is not in {folder}. Copy or download the folder again.");
                files.Add(SafetensorsFile.Open(path));
            }
            foreach (var (shard, file) in Shards.Zip(files))
                Compare(shard, file);
            return files;
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    private void Compare(string shard, SafetensorsFile file)
    {
        foreach (var entry in file.Entries)
        {
            if (!ShardOf.TryGetValue(entry.Name, out var named))
                throw new LoadException(Path, $"does not list tensor {Quoted.Name(entry.Name)}, which is in {Quoted.Name(shard)}.");
            if (named != shard)
                throw new LoadException(Path, $"says that tensor {Quoted.Name(entry.Name)} is in {Quoted.Name(named)}, but {Quoted.Name(shard)} holds one of that name.");
        }
        // None was elsewhere and none unlisted; so a tensor that this file lacks is in none.
        foreach (var (name, named) in ShardOf)
        {
            if (named == shard && !file.TryFind(name, out _))
                throw new LoadException(Path, $"says that tensor {Quoted.Name(name)} is in {Quoted.Name(shard)}, which does not have it.");
        }
    }

    private static bool IsFileName(string name) => name is not ("" or "." or "..") && name.IndexOfAny(['/', '\\', '\0', ':']) < 0;
}
