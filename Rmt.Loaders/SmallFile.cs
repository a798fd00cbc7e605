using System.Text;
using System.Text.Unicode;

namespace Rmt.Loaders;

/// <summary>Files that are read whole: settings and vocabularies.</summary>
internal static class SmallFile
{
    /// <summary>The largest that is read: 64 MiB. The largest published WordPiece vocabularies have 9 MB, tokenizer.json some tens.
    /// What is made of a file takes some tens of its bytes, so this bounds that too.</summary>
    public const long MostBytes = 64 << 20;

    /// <summary>A whole file as bytes.</summary>
    /// <exception cref="LoadException">Unreadable, or larger than <see cref="MostBytes"/>.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MostBytes)
                throw new LoadException(path, $"has {stream.Length} bytes; a file of more than {MostBytes} is not read here.");
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new LoadException(path, $"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The first byte that is not of UTF-8; -1 where all are.</summary>
    public static int FirstNotUtf8(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
            return -1;
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
            at += length;
        return at;
    }
}
