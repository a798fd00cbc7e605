using System.Text;

namespace Rmt.Loaders;

/// <summary>A small text file line by line, each strictly UTF-8.</summary>
internal static class TextLines
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The lines without their line feeds; none behind the last line feed.</summary>
    /// <exception cref="LoadException">Unreadable, larger than 64 MiB, a byte-order mark, or a line that is not UTF-8, named by its number from 1.</exception>
    public static IEnumerable<string> Read(string path)
    {
        var bytes = SmallFile.Read(path);
        if (bytes.AsSpan().StartsWith("\uFEFF"u8))
            throw new LoadException(path, "line 1 begins with a byte-order mark, which would be in the first token: save the file without it.");
        return Lines(path, bytes);
    }

    private static IEnumerable<string> Lines(string path, byte[] bytes)
    {
        var number = 0;
        for (var at = 0; at < bytes.Length;)
        {
            var end = Array.IndexOf(bytes, (byte)'\n', at);
            var count = (end < 0 ? bytes.Length : end) - at;
            yield return Decode(path, bytes.AsSpan(at, count), ++number);
            at += count + 1;
        }
    }

    private static string Decode(string path, ReadOnlySpan<byte> line, int number)
    {
        try
        {
            return Strict.GetString(line);
        }
        catch (DecoderFallbackException e)
        {
            throw new LoadException(path, $"line {number} is not UTF-8.", e);
        }
    }
}
