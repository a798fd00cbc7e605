using System.Security.Cryptography;
using System.Text;

namespace Rmt.Loaders;

/// <summary>What a saved classifier is, as one number: another file, or a changed one, is another model.</summary>
public static class ModelHash
{
    private static readonly string[] Names =
        ["config.json", RmtConfig.FileName, RmtFolder.WeightsName, "vocab.txt", "vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"];

    /// <summary>SHA-256 over all that loading reads: settings, vocabulary and weights, of the folder and of the one its backbone is in.</summary>
    /// <param name="nameOrPath">A saved classifier: a folder, or a hub id.</param>
    /// <param name="cache">Where hub ids are looked up.</param>
    /// <returns>64 hexadecimal digits.</returns>
    /// <exception cref="LoadException">It is no saved classifier.</exception>
    public static string Of(string nameOrPath, HubCache cache)
    {
        var folder = ModelFolder.OpenAny(ModelFolder.Find(nameOrPath, cache));
        if (folder.RmtConfig is null)
            throw new LoadException(folder.Path, $"has no {RmtConfig.FileName}: it is a plain model, not a classifier with memory that was trained. Train one on it first.");
        var home = RmtFolder.Home(folder, RmtConfig.Open(folder.Path), cache);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var place in new[] { folder.Path, home.Path }.Distinct())
        {
            foreach (var file in Names.Select(name => Path.Combine(place, name)).Where(File.Exists).Concat(Weights(place)))
            {
                using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 20);
                hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetFileName(file)}\0"));
                hash.AppendData(SHA256.HashData(stream));
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static IEnumerable<string> Weights(string folder) => Directory.EnumerateFiles(folder, "model*.safetensors*").Order(StringComparer.Ordinal);
}
