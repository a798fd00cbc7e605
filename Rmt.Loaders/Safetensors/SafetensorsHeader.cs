using System.Buffers.Binary;
using System.Text;

namespace Rmt.Loaders;

/// <summary>
/// The header of a safetensors file: eight bytes of length, then JSON that says where each tensor lies. The only place that doubts such a
/// file: once a header has been parsed, every entry lies inside the file, has the bytes that its shape needs, and shares none.
/// </summary>
public sealed class SafetensorsHeader
{
    /// <summary>The format's limit on the JSON, in bytes.</summary>
    public const int LongestJson = 100_000_000;

    /// <summary>Bytes of the length in front of the JSON.</summary>
    public const int PrefixLength = 8;

    private SafetensorsHeader(IReadOnlyList<TensorEntry> entries, IReadOnlyDictionary<string, string> metadata, long dataStart)
        => (Entries, Metadata, DataStart) = (entries, metadata, dataStart);

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<TensorEntry> Entries { get; }

    /// <summary>The file's own notes, <c>__metadata__</c>, in the order in which they stand there; empty if there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Where in the file the entries' offset 0 is.</summary>
    public long DataStart { get; }

    /// <summary>Reads the first eight bytes of a file: the length of the JSON behind them.</summary>
    /// <param name="path">For messages.</param>
    /// <param name="start">The first bytes of the file; eight, if it has so many.</param>
    /// <param name="fileLength">Bytes of the whole file.</param>
    public static int JsonLength(string path, ReadOnlySpan<byte> start, long fileLength)
    {
        if (start.Length < PrefixLength)
            throw new LoadException(path, $"is {fileLength} bytes long; a safetensors file begins with {PrefixLength} bytes that give the length of its header.");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (length > LongestJson)
            throw new LoadException(path, $"says that its header has {length} bytes; the format allows {LongestJson}. It may be no safetensors file at all.");
        if (length > (ulong)(fileLength - PrefixLength))
            throw new LoadException(path, $"says that its header has {length} bytes, but only {fileLength - PrefixLength} follow. It was cut off, or is no safetensors file.");
        return (int)length;
    }

    /// <summary>Parses and checks the JSON of a header.</summary>
    /// <param name="path">For messages.</param>
    /// <param name="json">What stands between the first eight bytes and the tensors.</param>
    /// <param name="fileLength">Bytes of the whole file.</param>
    public static SafetensorsHeader Parse(string path, ReadOnlySpan<byte> json, long fileLength)
    {
        if (json.IsEmpty || json[0] != '{')
            throw new LoadException(path, $"the header must begin with '{{', found {(json.IsEmpty ? "an empty header" : $"the byte 0x{json[0]:x2}")}.");
        if (SmallFile.FirstNotUtf8(json) is >= 0 and var bad)
            throw new LoadException(path, $"the header is not UTF-8 at its byte {bad}.");
        var (entries, metadata) = SafetensorsHeaderJson.Read(path, json);
        // As the reference: the header may name tensors in any order. A tensor without items stands before its neighbour of the same begin.
        entries.Sort((left, right) => (left.Begin, left.End).CompareTo((right.Begin, right.End)));
        var dataStart = PrefixLength + (long)json.Length;
        CheckRanges(path, entries, fileLength - dataStart);
        return new SafetensorsHeader(entries, metadata, dataStart);
    }

    /// <summary>Lays tensors out as the reference writer does: by type, widest first, then by name; no byte between them.</summary>
    /// <param name="tensors">Their offsets are ignored.</param>
    /// <param name="metadata">The file's own notes.</param>
    public static SafetensorsHeader Layout(IEnumerable<TensorEntry> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var entries = new List<TensorEntry>();
        var end = 0L;
        foreach (var tensor in tensors.OrderByDescending(tensor => tensor.Dtype).ThenBy(tensor => tensor.Name, Utf8Order.Instance))
        {
            var begin = end;
            end = checked(begin + (tensor.Items * tensor.Dtype.ItemSize()));
            entries.Add(tensor with { Begin = begin, End = end });
        }
        var header = new SafetensorsHeader(entries, metadata ?? new Dictionary<string, string>(), 0);
        return new SafetensorsHeader(entries, header.Metadata, header.ToBytes().Length);
    }

    /// <summary>The first bytes of a file with this header: length, JSON, spaces up to a multiple of eight. What the reference writer writes.</summary>
    public byte[] ToBytes() => SafetensorsHeaderJson.Write(Entries, Metadata);

    private static void CheckRanges(string path, List<TensorEntry> entries, long dataLength)
    {
        var end = 0L;
        TensorEntry? last = null;
        foreach (var entry in entries)
        {
            if (entry.Begin > end)
                throw new LoadException(path, $"tensor {Quoted.Name(entry.Name)} begins at byte {entry.Begin}, {After(last)} {end}: the bytes between belong to no tensor.");
            if (entry.Begin < end)
                throw new LoadException(path, $"tensor {Quoted.Name(entry.Name)} begins at byte {entry.Begin}, {After(last)} {end}: they overlap.");
            CheckSize(path, entry);
            (end, last) = (entry.End, entry);
        }
        if (end > dataLength)
            throw new LoadException(path, $"the tensors need {end} bytes after the header, the file has {dataLength}. It was cut off: copy or download it again.");
        if (end < dataLength)
            throw new LoadException(path, $"the tensors need {end} bytes after the header, the file has {dataLength}: the last {dataLength - end} belong to no tensor.");

        static string After(TensorEntry? last) => last is null ? "the first must begin at" : $"the one before it ({Quoted.Name(last.Name)}) ends at";
    }

    private static void CheckSize(string path, TensorEntry entry)
    {
        long needed;
        try
        {
            needed = checked(entry.Items * entry.Dtype.ItemSize());
        }
        catch (OverflowException e)
        {
            throw new LoadException(path, $"tensor {Quoted.Name(entry.Name)} of shape {Quoted.Shape(entry.Shape)} would have more bytes than can be counted.", e);
        }
        if (entry.Length != needed)
            throw new LoadException(path, $"tensor {Quoted.Name(entry.Name)}, {entry.Dtype} {Quoted.Shape(entry.Shape)}, needs {needed} bytes; data_offsets [{entry.Begin}, {entry.End}] give it {entry.Length}.");
    }

    /// <summary>The order of Rust's strings, which is that of their UTF-8 bytes; .NET's ordinal order differs beyond U+FFFF.</summary>
    private sealed class Utf8Order : IComparer<string>
    {
        public static readonly Utf8Order Instance = new();

        public int Compare(string? left, string? right) => Encoding.UTF8.GetBytes(left!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right!));
    }
}
