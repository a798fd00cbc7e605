using System.Globalization;
using System.Text.Json;

namespace Rmt.Loaders;

/// <summary>
/// A JSON object in a file, or a value inside it, read key by key with its type checked. Every refusal names the file and the place in it,
/// what was expected and what was found. A key that is absent or null takes the given default; a key that is there and wrong is never
/// replaced by it.
/// </summary>
public sealed class JsonFile
{
    private readonly JsonElement value;
    private readonly string place;     // "" is the whole file

    private JsonFile(string path, JsonElement value, string place) => (Path, this.value, this.place) = (path, value, place);

    /// <summary>Where the file is.</summary>
    public string Path { get; }

    /// <summary>All members, in the file's order.</summary>
    public IEnumerable<JsonProperty> Members => value.EnumerateObject();

    /// <summary>What kind of value this is; an object, but for <see cref="Optional"/>, <see cref="Items"/> and <see cref="At"/>.</summary>
    internal JsonValueKind Kind => value.ValueKind;

    /// <summary>Reads a file that holds one JSON object.</summary>
    public static JsonFile Open(string path) => new(path, JsonDocumentFile.Parse(path, SmallFile.Read(path)), "");

    /// <summary>The same from bytes; the path is for messages.</summary>
    public static JsonFile Parse(string path, ReadOnlyMemory<byte> utf8) => new(path, JsonDocumentFile.Parse(path, utf8), "");

    /// <summary>Whether the key is there and not null.</summary>
    public bool Has(string key) => TryGet(key, out _);

    /// <summary>The value of a key that is there and not null, of whatever type.</summary>
    public bool TryGet(string key, out JsonElement found) => value.TryGetProperty(key, out found) && found.ValueKind != JsonValueKind.Null;

    /// <summary>A whole number greater than zero.</summary>
    public int Positive(string key, int? orElse = null) => Whole(key, 1, int.MaxValue, orElse, "a positive whole number");

    /// <summary>A whole number in a range, both ends included.</summary>
    public int Whole(string key, int least, int most, int? orElse = null) => Whole(key, least, most, orElse, Between(least, most));

    /// <summary>A number that is finite as a double.</summary>
    public double Number(string key, double? orElse = null)
    {
        if (!TryGet(key, out var found))
            return orElse ?? throw Wrong(key, "a number");
        return found.ValueKind == JsonValueKind.Number && found.TryGetDouble(out var number) && double.IsFinite(number) ? number : throw Wrong(key, "a number");
    }

    /// <summary>true or false.</summary>
    public bool Flag(string key, bool? orElse = null) => OptionalFlag(key) ?? orElse ?? throw Wrong(key, "true or false");

    /// <summary>true or false, or null where the key is absent.</summary>
    public bool? OptionalFlag(string key)
    {
        if (!TryGet(key, out var found))
            return null;
        return found.ValueKind is JsonValueKind.True or JsonValueKind.False ? found.GetBoolean() : throw Wrong(key, "true or false");
    }

    /// <summary>A string.</summary>
    public string Text(string key, string? orElse = null) => OptionalText(key) ?? orElse ?? throw Wrong(key, "a string");

    /// <summary>A string, or null where the key is absent.</summary>
    public string? OptionalText(string key)
    {
        if (!TryGet(key, out var found))
            return null;
        return found.ValueKind == JsonValueKind.String ? found.GetString() : throw Wrong(key, "a string");
    }

    /// <summary>One of a few words.</summary>
    public string Choice(string key, IReadOnlyCollection<string> allowed, string? orElse = null)
    {
        var text = TryGet(key, out var found) ? found.ValueKind == JsonValueKind.String ? found.GetString() : null : orElse;
        return text is not null && allowed.Contains(text) ? text : throw Wrong(key, allowed.Count == 1 ? $"\"{allowed.Single()}\"" : $"one of {string.Join(", ", allowed)}");
    }

    /// <summary>A list of strings; empty where the key is absent.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        if (!TryGet(key, out var found))
            return [];
        if (found.ValueKind != JsonValueKind.Array)
            throw Wrong(key, "a list of strings");
        return [.. found.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Wrong(key, "a list of strings", Quoted.Value(item)))];
    }

    /// <summary>An object within this one; messages name its keys as <c>outer.inner</c>.</summary>
    public JsonFile Inner(string key) => OptionalInner(key) ?? throw Wrong(key, "an object");

    /// <summary>An object within this one, or null where the key is absent.</summary>
    public JsonFile? OptionalInner(string key) => Optional(key) is not { } found ? null : found.Kind == JsonValueKind.Object ? found : throw Wrong(key, "an object");

    /// <summary>A value of any kind within this object, or null where the key is absent.</summary>
    internal JsonFile? Optional(string key) => TryGet(key, out var found) ? new JsonFile(Path, found, Place(key)) : null;

    /// <summary>The items of a list, of any kind; none where the key is absent. Messages name them as <c>key[0]</c>.</summary>
    internal IEnumerable<JsonFile> Items(string key)
    {
        if (!TryGet(key, out var found))
            return [];
        return found.ValueKind == JsonValueKind.Array ? found.EnumerateArray().Select((item, i) => new JsonFile(Path, item, $"{Place(key)}[{i}]")) : throw Wrong(key, "a list");
    }

    /// <summary>The value of one of <see cref="Members"/>, found without looking for its name.</summary>
    internal JsonFile At(JsonProperty member) => new(Path, member.Value, Place(member.Name));

    /// <summary>This value, where it is a string.</summary>
    internal string? AsText() => Kind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>This value, where it is a list of strings.</summary>
    internal IReadOnlyList<string>? AsTexts() => Kind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
        ? [.. value.EnumerateArray().Select(item => item.GetString()!)] : null;

    /// <summary>This value as a whole number in a range, both ends included.</summary>
    internal int AsWhole(int least, int most) => ToWhole(value, least, most) ?? throw Wrong(Between(least, most));

    /// <summary>The refusal of this value itself.</summary>
    /// <param name="expected">Follows "must be".</param>
    internal LoadException Wrong(string expected) => new(Path, $"{place} must be {expected}, found {Quoted.Value(value)}.");

    /// <summary>The refusal of a key, for whoever knows more about it than its type: "config.json: hidden_act must be …, found "swish"."</summary>
    /// <param name="key">The key.</param>
    /// <param name="expected">Follows "must be".</param>
    /// <param name="found">What is there; the value of the key if left out.</param>
    public LoadException Wrong(string key, string expected, string? found = null) => found is null && !value.TryGetProperty(key, out _)
        ? new LoadException(Path, $"{Place(key)} is missing; it must be {expected}.")
        : new LoadException(Path, $"{Place(key)} must be {expected}, found {found ?? Quoted.Value(value.GetProperty(key))}.");

    private string Place(string key)
    {
        var shown = key.Length == 0 ? "''" : Quoted.Clean(key);
        return place.Length == 0 ? shown : $"{place}.{shown}";
    }

    private int Whole(string key, int least, int most, int? orElse, string expected)
    {
        if (!TryGet(key, out var found))
            return orElse ?? throw Wrong(key, expected);
        return ToWhole(found, least, most) ?? throw Wrong(key, expected);
    }

    // 512.0 is what some tools make of 512; Python's json would give a float there, and transformers takes it.
    private static int? ToWhole(JsonElement found, int least, int most) => found.ValueKind == JsonValueKind.Number
        && decimal.TryParse(found.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && number == decimal.Truncate(number) && number >= least && number <= most ? (int)number : null;

    private static string Between(int least, int most) => $"a whole number from {least} to {most}";
}
