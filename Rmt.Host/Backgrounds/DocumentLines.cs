using System.Text.Json;
using System.Text.Unicode;
using Rmt.Adapter;
using Rmt.Host.Input;
using Rmt.Loaders;

namespace Rmt.Host.Backgrounds;

/// <summary>A file with a document a line, of which one is chosen: its <c>text</c>, or what QuALITY calls it, <c>article</c>, or SCROLLS' edition of QuALITY,
/// <c>input</c> (question, options and article, which is what the paper's authors use).</summary>
internal sealed class DocumentLines : IBackgroundFile
{
    private static readonly string[] Keys = ["text", "input", "article"];

    private readonly string _path;
    private readonly List<(long Begin, int Length, int Number)> _lines;

    private DocumentLines(string path, List<(long Begin, int Length, int Number)> lines, long bytes) => (_path, _lines, Bytes) = (path, lines, bytes);

    public long Bytes { get; }

    /// <summary>Where its lines are, sixteen bytes a line; blank ones are passed over. Every line is looked at, so that none fails in the middle of the work.</summary>
    public static DocumentLines Index(string path)
    {
        using var file = Inputs.Open(path);
        var (lines, bytes, buffer) = (new List<(long, int, int)>(), 0L, new byte[1 << 16]);
        using var line = new MemoryStream();
        var (begin, number) = ((long)ByteOrderMark.Skip(file, path), 1);
        for (int read; (read = file.Read(buffer)) > 0;)
        {
            var rest = buffer.AsSpan(0, read);
            for (int end; (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
            {
                line.Write(rest[..end]);
                Close(1);
            }
            line.Write(rest);
        }
        Close(0);
        return new(path, lines, bytes);

        void Close(int feed)
        {
            var content = line.GetBuffer().AsSpan(0, (int)line.Length);
            if (content.IndexOfAnyExcept(" \t\r"u8) >= 0)
            {
                _ = Text(path, number, begin, content.ToArray());
                lines.Add((begin, content.Length, number));
                bytes += content.Length;
            }
            (begin, number) = (begin + content.Length + feed, number + 1);
            line.SetLength(0);
        }
    }

    public TextReader Read(SplitMix64 dice)
    {
        var (begin, length, number) = dice.Of(_lines);
        var content = new byte[length];
        using var file = Inputs.Open(_path);
        file.Position = begin;
        if (file.ReadAtLeast(content, length, throwOnEndOfStream: false) < length)
            throw new InputException($"{_path}:{number}: the file has become shorter since it was opened");
        return new StringReader(Text(_path, number, begin, content));
    }

    private static string Text(string path, int number, long begin, byte[] line)
    {
        if (!Utf8.IsValid(line))
            throw new InputException($"{path}:{number}: {new NotTextException("UTF-8", begin + Good(line), "make it UTF-8").Message}");
        try
        {
            using var json = JsonDocument.Parse(line);
            foreach (var key in Keys)
                if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(key, out var text) && text.ValueKind == JsonValueKind.String)
                    return text.GetString()!;
        }
        catch (JsonException error)
        {
            throw new InputException($"{path}:{number}: not JSON: {error.Message}");
        }
        catch (InvalidOperationException)
        {
            throw new InputException($"{path}:{number}: not text: it holds half of a surrogate pair");
        }
        throw new InputException($"{path}:{number}: a line must be an object with a string {string.Join(" or ", Keys.Select(key => $"\"{key}\""))}");
    }

    private static int Good(byte[] line)
    {
        _ = Utf8.ToUtf16(line, new char[line.Length], out var good, out _, replaceInvalidSequences: false);
        return good;
    }
}
