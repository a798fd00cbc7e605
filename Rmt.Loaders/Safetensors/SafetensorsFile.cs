using Microsoft.Win32.SafeHandles;

namespace Rmt.Loaders;

/// <summary>An open safetensors file. Its header has been checked; its tensors are read when asked for.</summary>
/// <remarks>
/// Read with <see cref="RandomAccess"/>, not mapped: where another process shortens a mapped file, touching the lost pages ends ours with
/// SIGBUS, which no catch sees; a read then returns less than asked for, which is an error with a sentence. It is no slower (README).
/// </remarks>
public sealed class SafetensorsFile : IDisposable
{
    private readonly SafeFileHandle handle;
    private readonly Dictionary<string, TensorEntry> byName;

    private SafetensorsFile(string path, SafeFileHandle handle, SafetensorsHeader header)
    {
        (Path, this.handle, Header) = (path, handle, header);
        byName = header.Entries.ToDictionary(entry => entry.Name);
    }

    /// <summary>Where the file is, as it was named.</summary>
    public string Path { get; }

    /// <summary>What the file says about its tensors.</summary>
    public SafetensorsHeader Header { get; }

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<TensorEntry> Entries => Header.Entries;

    /// <summary>Opens a file and checks its header; throws <see cref="LoadException"/> where anything in it is wrong.</summary>
    public static SafetensorsFile Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            var length = RandomAccess.GetLength(handle);
            var start = new byte[Math.Min(length, SafetensorsHeader.PrefixLength)];
            Fill(path, handle, start, 0, "the length of the header");
            var json = new byte[SafetensorsHeader.JsonLength(path, start, length)];
            Fill(path, handle, json, SafetensorsHeader.PrefixLength, "the header");
            return new SafetensorsFile(path, handle, SafetensorsHeader.Parse(path, json, length));
        }
        catch (Exception e)
        {
            handle?.Dispose();
            if (e is IOException or UnauthorizedAccessException or NotSupportedException)
                throw new LoadException(path, $"cannot be opened: {e.Message}", e);
            throw;
        }
    }

    /// <summary>Whether the file has a tensor of this name, and which.</summary>
    public bool TryFind(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TensorEntry? entry) => byName.TryGetValue(name, out entry);

    /// <summary>The tensor of this name; a <see cref="LoadException"/> says what the file has instead.</summary>
    public TensorEntry Find(string name) => byName.TryGetValue(name, out var entry) ? entry
        : throw new LoadException(Path, $"has no tensor {Quoted.Name(name)}; it has {byName.Count}: {Quoted.List(byName.Keys, most: 5)}.");

    /// <summary>Copies bytes of a tensor, from byte <paramref name="from"/> on, until the destination is full: from the disk cache straight to where they belong.</summary>
    public void CopyTo(TensorEntry entry, Span<byte> destination, long from = 0)
    {
        if (from < 0 || destination.Length > entry.Length - from)
            throw new ArgumentOutOfRangeException(nameof(from), $"{destination.Length} bytes from byte {from} are not all in a tensor of {entry.Length}.");
        Fill(Path, handle, destination, Header.DataStart + entry.Begin + from, $"tensor {Quoted.Name(entry.Name)}");
    }

    /// <summary>A copy of the bytes of a tensor of less than 2 GB.</summary>
    public byte[] Bytes(TensorEntry entry)
    {
        var bytes = new byte[entry.Length];
        CopyTo(entry, bytes);
        return bytes;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => handle.Dispose();

    private static void Fill(string path, SafeFileHandle handle, Span<byte> destination, long position, string what)
    {
        try
        {
            while (!destination.IsEmpty)
            {
                var read = RandomAccess.Read(handle, destination, position);
                if (read == 0)
                    throw new LoadException(path, $"ends at byte {position}, inside {what}; it was longer when it was opened. Something else is writing to it.");
                destination = destination[read..];
                position += read;
            }
        }
        catch (IOException e)
        {
            throw new LoadException(path, $"cannot be read at byte {position}, {what}: {e.Message}", e);
        }
    }
}
