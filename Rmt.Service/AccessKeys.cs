using System.Security.Cryptography;
using System.Text;

namespace Rmt.Service;

/// <summary>The keys that open a service. Compared by their hashes, all of them, in a time that tells nothing.</summary>
internal sealed class AccessKeys
{
    /// <summary>Characters of a key, at least.</summary>
    public const int Shortest = 16;

    private readonly IReadOnlyList<byte[]> _hashes;

    public AccessKeys(IEnumerable<string> keys) => _hashes = [.. keys.Select(Hash)];

    /// <summary>Whether requests need one.</summary>
    public bool AreNeeded => _hashes.Count > 0;

    /// <summary>The keys of the options and of the file that they name.</summary>
    /// <exception cref="AccessKeysException">The file cannot be read, holds no key, or one that is too short.</exception>
    public static AccessKeys Of(RmtClassifierOptions options) => new([.. options.Keys, .. options.KeysFile is { } file ? Read(file) : []]);

    private static List<string> Read(string file)
    {
        try
        {
            var keys = File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').ToList();
            if (keys.Count == 0)
                throw new AccessKeysException($"{file}: holds no key; write one a line.");
            if (keys.FindIndex(key => key.Length < Shortest) is >= 0 and var at)
                throw new AccessKeysException($"{file}: key {at + 1} has {keys[at].Length} characters; a key has {Shortest} or more.");
            return keys;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new AccessKeysException($"{file}: the keys cannot be read: {error.Message}");
        }
    }

    /// <summary>Whether it is one of them; every one is compared.</summary>
    public bool Contain(string key)
    {
        var hash = Hash(key);
        var found = false;
        foreach (var known in _hashes)
            found |= CryptographicOperations.FixedTimeEquals(known, hash);
        return found;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}

/// <summary>The keys of a service cannot be read. The message names the file and says what to do.</summary>
public sealed class AccessKeysException(string message) : Exception(message);
