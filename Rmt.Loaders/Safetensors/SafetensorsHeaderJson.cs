using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rmt.Loaders;

/// <summary>The JSON of a safetensors header, read and written. Reading knows what may stand where; whether the ranges fit the file is not its matter.</summary>
internal ref struct SafetensorsHeaderJson
{
    // libtorch has no limit on dimensions, but several of its operations count them in 64 bits. A limit also bounds what a hostile shape allocates.
    private const int MostDimensions = 64;

    private readonly string path;
    private Utf8JsonReader reader;

    private SafetensorsHeaderJson(string path, ReadOnlySpan<byte> json)
    {
        this.path = path;
        reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
    }

    /// <summary>Tensors in the order of the JSON, and the metadata.</summary>
    public static (List<TensorEntry> Entries, OrderedDictionary<string, string> Metadata) Read(string path, ReadOnlySpan<byte> json)
    {
        var header = new SafetensorsHeaderJson(path, json);
        try
        {
            var content = header.ReadHeader();
            while (header.reader.Read()) { }   // throws if anything but white space follows
            if (json.TrimEnd((byte)' ')[^1] != '}')
                throw header.Wrong("the header is padded with something else than spaces.");
            return content;
        }
        catch (JsonException e)
        {
            throw JsonDocumentFile.Refusal(path, "the header is not JSON", e);
        }
        catch (InvalidOperationException e)   // a string with half of a surrogate pair: "\ud800"
        {
            throw new LoadException(path, $"the header has a string that is not Unicode near byte {header.reader.TokenStartIndex}.", e);
        }
    }

    private (List<TensorEntry>, OrderedDictionary<string, string>) ReadHeader()
    {
        var entries = new List<TensorEntry>();
        var metadata = new OrderedDictionary<string, string>();
        var names = new HashSet<string>();
        _ = reader.Read();   // the first byte is '{'
        while (NextKey() is { } name)
        {
            if (!names.Add(name))
                throw Wrong($"the header names {Quoted.Name(name)} twice.");
            if (name == "__metadata__")
                ReadMetadata(metadata);
            else
                entries.Add(ReadEntry(name));
        }
        return (entries, metadata);
    }

    private void ReadMetadata(OrderedDictionary<string, string> metadata)
    {
        Expect(JsonTokenType.StartObject, "__metadata__", "an object");
        while (NextKey() is { } key)
        {
            Expect(JsonTokenType.String, $"__metadata__, key {Quoted.Name(key)}:", "a string");
            if (!metadata.TryAdd(key, reader.GetString()!))
                throw Wrong($"__metadata__ has the key {Quoted.Name(key)} twice.");
        }
    }

    private TensorEntry ReadEntry(string name)
    {
        Expect(JsonTokenType.StartObject, Tensor(name), "an object");
        Dtype? dtype = null;
        List<long>? shape = null, offsets = null;
        while (NextKey() is { } key)
        {
            if (key switch { "dtype" => dtype.HasValue, "shape" => shape is not null, "data_offsets" => offsets is not null, _ => false })
                throw Wrong($"{Tensor(name)} has the key {Quoted.Name(key)} twice.");
            switch (key)
            {
                case "dtype": dtype = ReadDtype(name); break;
                case "shape": shape = ReadNumbers(name, key, MostDimensions); break;
                case "data_offsets": offsets = ReadNumbers(name, key, 2); break;
                default: throw Wrong($"{Tensor(name)} has the key {Quoted.Name(key)}; the format knows dtype, shape and data_offsets.");
            }
        }
        if (dtype is null || shape is null || offsets is null)
            throw Wrong($"{Tensor(name)} has no {(dtype is null ? "dtype" : shape is null ? "shape" : "data_offsets")}.");
        if (offsets.Count != 2)
            throw Wrong($"{Tensor(name)}: data_offsets must be two numbers, begin and end; found {offsets.Count}.");
        if (offsets[0] > offsets[1])
            throw Wrong($"{Tensor(name)}: data_offsets end at {offsets[1]} before they begin at {offsets[0]}.");
        return new TensorEntry(name, dtype.Value, shape, offsets[0], offsets[1]);
    }

    private Dtype ReadDtype(string tensor)
    {
        Expect(JsonTokenType.String, $"{Tensor(tensor)}: dtype", "a string");
        var name = reader.GetString()!;
        // Enum.TryParse alone would take "3" and " f32" too.
        if (Enum.TryParse<Dtype>(name, out var dtype) && dtype.ToString() == name)
            return dtype;
        throw Wrong($"{Tensor(tensor)} has dtype {Quoted.Name(name)}; read are {string.Join(", ", Enum.GetNames<Dtype>().Reverse())}.");
    }

    private List<long> ReadNumbers(string tensor, string key, int most)
    {
        Expect(JsonTokenType.StartArray, $"{Tensor(tensor)}: {key}", "a list of whole numbers");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
                throw Wrong($"{Tensor(tensor)}: {key} must be whole numbers from 0 to 2^63 - 1, found {Found()}.");
            if (numbers.Count == most)
                throw Wrong($"{Tensor(tensor)}: {key} has more than {most} numbers.");
            numbers.Add(number);
        }
        return numbers;
    }

    /// <summary>The next key of the object that is being read; null at its end.</summary>
    private string? NextKey() => reader.Read() && reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;

    private void Expect(JsonTokenType type, string subject, string expected)
    {
        if (!reader.Read() || reader.TokenType != type)
            throw Wrong($"{subject} must be {expected}, found {Found()}.");
    }

    private readonly string Found() => reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => $"\"{Quoted.Clean(Encoding.UTF8.GetString(reader.ValueSpan))}\"",
        _ => Quoted.Clean(Encoding.UTF8.GetString(reader.ValueSpan)),
    };

    private static string Tensor(string name) => $"tensor {Quoted.Name(name)}";

    private readonly LoadException Wrong(string problem) => new(path, problem);

    /// <summary>Byte for byte what the reference (safetensors, tensor.rs, serialize, with serde_json) writes for the same tensors.</summary>
    public static byte[] Write(IReadOnlyList<TensorEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        var members = new List<string>();
        if (metadata.Count > 0)
            members.Add($"\"__metadata__\":{{{string.Join(',', metadata.Select(note => $"{Escape(note.Key)}:{Escape(note.Value)}"))}}}");
        members.AddRange(entries.Select(entry =>
            $"{Escape(entry.Name)}:{{\"dtype\":\"{entry.Dtype}\",\"shape\":[{string.Join(',', entry.Shape)}],\"data_offsets\":[{entry.Begin},{entry.End}]}}"));
        var json = Encoding.UTF8.GetBytes($"{{{string.Join(',', members)}}}");
        if (json.Length > SafetensorsHeader.LongestJson - 8)
            throw new ArgumentException($"{entries.Count} tensors and their metadata need a header of {json.Length} bytes; the format allows {SafetensorsHeader.LongestJson}.", nameof(entries));
        var padded = (json.Length + 7) / 8 * 8;   // so that the tensors begin aligned
        var bytes = new byte[SafetensorsHeader.PrefixLength + padded];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)padded);
        json.CopyTo(bytes, SafetensorsHeader.PrefixLength);
        bytes.AsSpan(SafetensorsHeader.PrefixLength + json.Length).Fill((byte)' ');
        return bytes;
    }

    // System.Text.Json escapes more than serde_json does; the difference would be seen in the bytes.
    private static string Escape(string text)
    {
        var escaped = new StringBuilder("\"");
        foreach (var letter in text)
        {
            _ = letter switch
            {
                '"' => escaped.Append("\\\""),
                '\\' => escaped.Append("\\\\"),
                '\b' => escaped.Append("\\b"),
                '\f' => escaped.Append("\\f"),
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                '\t' => escaped.Append("\\t"),
                < ' ' => escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
                _ => escaped.Append(letter),
            };
        }
        return escaped.Append('"').ToString();
    }
}
