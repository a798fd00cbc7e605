using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Rmt.Service;

/// <summary>JSON that is sent, and in plain words what is wrong with it.</summary>
internal static class RequestJson
{
    /// <summary>What it says.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="expected">How it should look.</param>
    /// <exception cref="RequestException">It is JSON, and not what was expected.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> json, string expected)
        where T : class
    {
        try
        {
            if (JsonSerializer.Deserialize<T>(json, ServiceJson.Options) is { } request)
                return request;
        }
        catch (JsonException error)
        {
            if (Keys(json) is { } keys)
                throw RequestException.Bad(Fault(ServiceJson.Options.GetTypeInfo(typeof(T)).Properties, keys, error));
        }
        throw RequestException.Bad($"the body is no object; expected is {expected}.");
    }

    // Those of an object, as they were sent; null of anything else.
    private static List<string>? Keys(ReadOnlySpan<byte> json)
    {
        var keys = new List<string>();
        var reader = new Utf8JsonReader(json);
        _ = reader.Read();
        var isObject = reader.TokenType == JsonTokenType.StartObject;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
                keys.Add(Encoding.UTF8.GetString(reader.ValueSpan));
        }
        return isObject ? keys : null;
    }

    private static string Fault(IList<JsonPropertyInfo> known, List<string> keys, JsonException error)
    {
        if (keys.FirstOrDefault(key => known.All(one => one.Name != key)) is { } other)
            return $"there is no key '{other}'; there are {string.Join(", ", known.Select(one => one.Name))}.";
        if (known.FirstOrDefault(one => one.IsRequired && !keys.Contains(one.Name)) is { } missing)
            return $"the key '{missing.Name}' is missing.";
        return known.FirstOrDefault(one => error.Path == $"$.{one.Name}") is { } wrong
            ? $"{wrong.Name} must be a {(wrong.PropertyType == typeof(string) ? "string" : "whole number")}."
            : error.Message;
    }
}
