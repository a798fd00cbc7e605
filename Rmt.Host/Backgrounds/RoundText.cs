using Rmt.Adapter;
using Rmt.Host.Input;
using Rmt.Loaders;

namespace Rmt.Host.Backgrounds;

/// <summary>A text file that is read from a word somewhere in it, round its end to that place.</summary>
/// <param name="path">UTF-8.</param>
internal sealed class RoundText(string path) : IBackgroundFile
{
    private const int LongestWord = 1 << 16;

    public long Bytes { get; } = new FileInfo(path).Length;

    public TextReader Read(SplitMix64 dice)
    {
        var file = Inputs.Open(path);
        Span<byte> mark = stackalloc byte[2];
        if (file.ReadAtLeast(mark, 2, throwOnEndOfStream: false) == 2 && mark is [0xFF, 0xFE] or [0xFE, 0xFF])
        {
            file.Dispose();
            throw new InputException($"{path}: it is UTF-16; a background is read from places in the middle, which needs UTF-8");
        }
        return new NamedText(path, () => new StrictTextReader(new RoundStream(file, Word(file, dice.Next(Bytes))), remedy: "make it UTF-8"));
    }

    // Where a word begins, from a place on: no byte of a longer character is a blank.
    private static long Word(FileStream file, long place)
    {
        Span<byte> bytes = new byte[LongestWord];
        file.Position = place;
        var blank = bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)].IndexOfAny((byte)' ', (byte)'\n');
        return place == 0 || blank < 0 ? 0 : (place + blank + 1) % file.Length;
    }
}
