using System.Text.Json;
using System.Text.Unicode;

namespace Rmt.Loaders;

/// <summary>A value in a JSON file together with the place where it stands, so that every refusal can name both.</summary>
internal readonly struct JsonPlace
{
    private readonly string path;
    private readonly string place;

    private JsonPlace(string path, string place, JsonElement value) => (this.path, this.place, Value) = (path, place, value);

    public JsonElement Value { get; }

    /// <summary>The whole of a file, which must be an object.</summary>
    /// <exception cref="LoadException">Unreadable, larger than <see cref="Vocabulary.MostBytes"/>, not UTF-8, not JSON, a name twice in one object,
    /// nested more than 64 deep, or no object.</exception>
    public static JsonPlace Open(string path)
    {
        var bytes = Vocabulary.Bytes(path);
        if (!Utf8.IsValid(bytes))
            throw new LoadException(path, "is not UTF-8.");
        try
        {
            var options = new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 64 };
            return new JsonPlace(path, "", JsonDocument.Parse(bytes, options).RootElement).Expect(JsonValueKind.Object, "an object");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)   // the latter: half a surrogate pair in a name
        {
            throw new LoadException(path, $"is not JSON as expected: {Vocabulary.Show(e.Message, 300)}", e);
        }
    }

    /// <summary>A member, or <see langword="null"/> if it is absent or null.</summary>
    public JsonPlace? Optional(string name) =>
        Value.ValueKind == JsonValueKind.Object && Value.TryGetProperty(name, out var found) && found.ValueKind != JsonValueKind.Null
            ? new JsonPlace(path, place.Length == 0 ? name : $"{place}.{name}", found) : null;

    /// <summary>A member that must be there.</summary>
    public JsonPlace Required(string name) =>
        Optional(name) ?? throw Wrong($"{name} is missing or null", inside: true);

    /// <summary>The members of an object, in the file's order.</summary>
    public IEnumerable<(string Name, JsonPlace At)> Members()
    {
        _ = Expect(JsonValueKind.Object, "an object");
        foreach (var member in Value.EnumerateObject())
            yield return (Named(member), new JsonPlace(path, $"{place}.{Vocabulary.Show(Named(member))}", member.Value));
    }

    /// <summary>The items of a list.</summary>
    public IEnumerable<JsonPlace> Items()
    {
        _ = Expect(JsonValueKind.Array, "a list");
        var index = 0;
        foreach (var item in Value.EnumerateArray())
            yield return new JsonPlace(path, $"{place}[{index++}]", item);
    }

    public string Text()
    {
        _ = Expect(JsonValueKind.String, "a string");
        try
        {
            return Value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new LoadException(path, $"{place} holds half a surrogate pair, which is no character.", e);
        }
    }

    public bool Flag() => Value.ValueKind is JsonValueKind.True or JsonValueKind.False
        ? Value.GetBoolean() : throw Wrong($"expected true or false, found {Found}");

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public int Integer(int least, int most) =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out var number) && number >= least && number <= most
            ? number : throw Wrong($"expected a whole number from {least} to {most}, found {Found}");

    /// <summary>This value is not what it has to be.</summary>
    public LoadException Wrong(string problem, bool inside = false) =>
        new(path, place.Length == 0 ? $"{problem}." : $"{place}{(inside ? "." : ": ")}{problem}.");

    /// <summary>What stands here, for messages.</summary>
    public string Found => Value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        _ => Vocabulary.Show(Value.GetRawText()),
    };

    private JsonPlace Expect(JsonValueKind kind, string name) => Value.ValueKind == kind ? this : throw Wrong($"expected {name}, found {Found}");

    private string Named(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException e)
        {
            throw new LoadException(path, $"{place} has a name that holds half a surrogate pair, which is no character.", e);
        }
    }
}
