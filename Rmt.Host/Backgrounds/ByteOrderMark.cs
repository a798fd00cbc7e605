using Rmt.Host.Input;

namespace Rmt.Host.Backgrounds;

/// <summary>What may stand at the beginning of a file and is none of its text.</summary>
internal static class ByteOrderMark
{
    /// <summary>Leaves a file behind the mark of UTF-8.</summary>
    /// <returns>The bytes it has; 0 where there is none.</returns>
    /// <exception cref="InputException">It is that of another encoding.</exception>
    public static int Skip(FileStream file, string path)
    {
        Span<byte> bytes = stackalloc byte[4];
        var read = bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        if (Other(read) is { } encoding)
            throw new InputException($"{path}: it is {encoding}; a background is read from places in the middle, which needs UTF-8");
        var mark = read is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0;
        file.Position = mark;
        return mark;
    }

    private static string? Other(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFF, 0xFE, 0, 0] or [0, 0, 0xFE, 0xFF] => "UTF-32",
        [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] => "UTF-16",
        _ => null,
    };
}
