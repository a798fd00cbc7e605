using System.Globalization;
using System.Text.Json;

namespace Rmt.Loaders;

/// <summary>
/// A JSON object in a file, read key by key with its type checked. Every refusal names the file and the key, what was expected and what was
/// found. A key that is absent or null takes the given default; a key that is there and wrong is never replaced by it.
/// </summary>
public sealed class JsonFile
{
    // tokenizer.json of a large vocabulary has some tens of megabytes.
    private const long Longest = 256L << 20;
    private readonly JsonElement root;
    private readonly string prefix;

    private JsonFile(string path, JsonElement root, string prefix) => (Path, this.root, this.prefix) = (path, root, prefix);

    /// <summary>Where the file is.</summary>
    public string Path { get; }

    /// <summary>All members, in the file's order.</summary>
    public IEnumerable<JsonProperty> Members => root.EnumerateObject();

    /// <summary>Reads a file that holds one JSON object.</summary>
    public static JsonFile Open(string path)
    {
        try
        {
            var length = new FileInfo(path).Length;
            if (length > Longest)
                throw new LoadException(path, $"has {length} bytes; at most {Longest} are read.");
            return Parse(path, File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LoadException(path, $"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The same from bytes; the path is for messages.</summary>
    public static JsonFile Parse(string path, ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Span.StartsWith("\uFEFF"u8))   // some editors put a byte-order mark in front
            utf8 = utf8[3..];
        if (!System.Text.Unicode.Utf8.IsValid(utf8.Span))
            throw new LoadException(path, "is not UTF-8.");
        try
        {
            // Python takes the last of two equal keys, others the first: nobody can know what was meant.
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new LoadException(path, $"must hold a JSON object, found {Quoted.Value(document.RootElement)}.");
            RefuseHalfCharacters(path, document.RootElement);
            return new JsonFile(path, document.RootElement.Clone(), "");
        }
        catch (JsonException e)
        {
            throw new LoadException(path, $"is not JSON: {Quoted.Clean(e.Message)}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new LoadException(path, "has a string that is not Unicode: half of a surrogate pair, such as \"\\ud800\".", e);
        }
    }

    /// <summary>Whether the key is there and not null.</summary>
    public bool Has(string key) => TryGet(key, out _);

    /// <summary>The value of a key that is there and not null, of whatever type.</summary>
    public bool TryGet(string key, out JsonElement value) => root.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>A whole number greater than zero.</summary>
    public int Positive(string key, int? orElse = null) => Whole(key, 1, int.MaxValue, orElse, "a positive whole number");

    /// <summary>A whole number in a range, both ends included.</summary>
    public int Whole(string key, int least, int most, int? orElse = null)
        => Whole(key, least, most, orElse, $"a whole number from {least} to {most}");

    /// <summary>A number that is finite as a double.</summary>
    public double Number(string key, double? orElse = null)
    {
        if (!TryGet(key, out var value))
            return orElse ?? throw Wrong(key, "a number");
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : throw Wrong(key, "a number");
    }

    /// <summary>true or false.</summary>
    public bool Flag(string key, bool? orElse = null)
    {
        if (!TryGet(key, out var value))
            return orElse ?? throw Wrong(key, "true or false");
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(key, "true or false");
    }

    /// <summary>A string.</summary>
    public string Text(string key, string? orElse = null) => OptionalText(key) ?? orElse ?? throw Wrong(key, "a string");

    /// <summary>A string, or null where the key is absent.</summary>
    public string? OptionalText(string key)
    {
        if (!TryGet(key, out var value))
            return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(key, "a string");
    }

    /// <summary>One of a few words.</summary>
    public string Choice(string key, IReadOnlyCollection<string> allowed, string? orElse = null)
    {
        var expected = $"one of {string.Join(", ", allowed)}";
        var text = TryGet(key, out var value) ? value.ValueKind == JsonValueKind.String ? value.GetString() : null : orElse;
        return text is not null && allowed.Contains(text) ? text : throw Wrong(key, expected);
    }

    /// <summary>A list of strings; empty where the key is absent.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        if (!TryGet(key, out var value))
            return [];
        if (value.ValueKind != JsonValueKind.Array)
            throw Wrong(key, "a list of strings");
        return [.. value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Wrong(key, "a list of strings", Quoted.Value(item)))];
    }

    /// <summary>An object within this one; messages name its keys as <c>outer.inner</c>.</summary>
    public JsonFile Inner(string key) => OptionalInner(key) ?? throw Wrong(key, "an object");

    /// <summary>An object within this one, or null where the key is absent.</summary>
    public JsonFile? OptionalInner(string key)
    {
        if (!TryGet(key, out var value))
            return null;
        return value.ValueKind == JsonValueKind.Object ? new JsonFile(Path, value, $"{prefix}{key}.") : throw Wrong(key, "an object");
    }

    /// <summary>The refusal of a key, for whoever knows more about it than its type: "config.json: hidden_act must be …, found "swish"."</summary>
    /// <param name="key">The key.</param>
    /// <param name="expected">Follows "must be".</param>
    /// <param name="found">What is there; the value of the key if left out.</param>
    public LoadException Wrong(string key, string expected, string? found = null) => found is null && !root.TryGetProperty(key, out _)
        ? new LoadException(Path, $"{prefix}{Quoted.Clean(key)} is missing; it must be {expected}.")
        : new LoadException(Path, $"{prefix}{Quoted.Clean(key)} must be {expected}, found {found ?? Quoted.Value(root.GetProperty(key))}.");

    private int Whole(string key, int least, int most, int? orElse, string expected)
    {
        if (!TryGet(key, out var value))
            return orElse ?? throw Wrong(key, expected);
        // 512.0 is what some tools make of 512; Python's json would give a float there, and transformers takes it.
        var isWhole = value.ValueKind == JsonValueKind.Number
            && decimal.TryParse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number == decimal.Truncate(number) && number >= least && number <= most;
        return isWhole ? (int)decimal.Parse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture) : throw Wrong(key, expected);
    }

    // Checked once here, so that no GetString later can throw. The depth is bounded by the parser.
    private static void RefuseHalfCharacters(string path, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                _ = value.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                    RefuseHalfCharacters(path, item);
                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    _ = member.Name;
                    RefuseHalfCharacters(path, member.Value);
                }
                break;
        }
    }
}
