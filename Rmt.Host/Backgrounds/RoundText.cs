using Rmt.Adapter;
using Rmt.Host.Input;
using Rmt.Loaders;

namespace Rmt.Host.Backgrounds;

/// <summary>A text file that is read from a word somewhere in it, round its end to that place.</summary>
internal sealed class RoundText : IBackgroundFile
{
    private const int LongestWord = 1 << 16;
    private const string Remedy = "make it UTF-8";

    private readonly string _path;
    private readonly int _begin;

    private RoundText(string path, int begin, long bytes) => (_path, _begin, Bytes) = (path, begin, bytes);

    public long Bytes { get; }

    /// <param name="path">UTF-8.</param>
    public static RoundText Open(string path)
    {
        var file = new FileInfo(path);
        var length = (file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file).Length;
        if (length == 0)
            return new(path, 0, 0);     // a pipe too, and whoever opens one waits for its other end
        using var text = Inputs.Open(path);
        var begin = ByteOrderMark.Skip(text, path);
        return new(path, begin, length - begin);
    }

    public TextReader Read(SplitMix64 dice)
    {
        var file = Inputs.Open(_path);
        var start = Word(file, _begin + dice.Next(Bytes));
        // Its encoding is said: what stands at the place could be taken for a mark.
        return new NamedText(_path, () => new StrictTextReader(new RoundStream(file, _begin, start), "utf-8", Remedy), error => error is NotTextException bad ? InFile(bad, start) : error);
    }

    private NotTextException InFile(NotTextException bad, long start) => new("UTF-8", _begin + (start - _begin + bad.Offset) % Bytes, Remedy);

    // Where a word begins, from a place on: no byte of a longer character is a blank.
    private long Word(FileStream file, long place)
    {
        Span<byte> bytes = new byte[LongestWord];
        file.Position = place;
        var blank = bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)].IndexOfAny((byte)' ', (byte)'\n');
        var next = place + blank + 1;
        return place == _begin || blank < 0 || next == file.Length ? _begin : next;
    }
}
