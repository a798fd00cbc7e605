using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Rmt.Service;

/// <summary>JSON that is sent, and in plain words what is wrong with it.</summary>
internal static class RequestJson
{
    private readonly record struct Member(string Name, JsonTokenType Value);

    /// <summary>What it says.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="expected">How it should look.</param>
    /// <exception cref="RequestException">It is not what was expected.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> json, string expected)
        where T : class
    {
        if (json.Trim(" \t\r\n"u8).IsEmpty)
            throw RequestException.Bad($"the body is empty; expected is {expected}.");
        try
        {
            if (JsonSerializer.Deserialize<T>(json, ServiceJson.Options) is { } request)
                return request;
        }
        catch (JsonException error)
        {
            if (Members(json) is { } members)
                throw RequestException.Bad(Fault(ServiceJson.Options.GetTypeInfo(typeof(T)).Properties, members, error));
        }
        throw RequestException.Bad($"the body is no object; expected is {expected}.");
    }

    // Those of an object, as they were sent; null of anything else.
    private static List<Member>? Members(ReadOnlySpan<byte> json)
    {
        try
        {
            var members = new List<Member>();
            var reader = new Utf8JsonReader(json);
            _ = reader.Read();
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                    continue;
                var name = Encoding.UTF8.GetString(reader.ValueSpan);
                _ = reader.Read();
                members.Add(new(name, reader.TokenType));
            }
            return isObject ? members : null;
        }
        catch (JsonException error)
        {
            throw RequestException.Bad(Broken(error));
        }
    }

    // Its own counting begins with 0, and names what nobody asked for.
    private static string Broken(JsonException error)
    {
        var line = error.LineNumber > 0 ? string.Create(CultureInfo.InvariantCulture, $"line {error.LineNumber + 1}, ") : "";
        var said = error.Message.Split(" LineNumber: ")[0];
        return string.Create(CultureInfo.InvariantCulture, $"it is no JSON at {line}byte {error.BytePositionInLine + 1}: {said}");
    }

    private static string Fault(IList<JsonPropertyInfo> known, List<Member> members, JsonException error)
    {
        if (members.FirstOrDefault(member => known.All(one => one.Name != member.Name)).Name is { } other)
            return $"there is no key '{other}'; there are {string.Join(", ", known.Select(one => one.Name))}.";
        if (members.GroupBy(member => member.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            return $"the key '{twice.Key}' stands there {twice.Count()} times; which one is meant?";
        if (known.FirstOrDefault(one => one.IsRequired && members.All(member => member.Name != one.Name)) is { } missing)
            return $"the key '{missing.Name}' is missing.";
        if (known.FirstOrDefault(one => error.Path == $"$.{one.Name}") is not { } wrong)
            return error.Message;
        if (wrong.PropertyType != typeof(string))
            return string.Create(CultureInfo.InvariantCulture, $"{wrong.Name} must be a whole number, up to {int.MaxValue}.");
        return members.First(member => member.Name == wrong.Name).Value == JsonTokenType.String ? $"{wrong.Name} holds half of a surrogate pair (\\ud800 to \\udfff alone); it is no character."
            : $"{wrong.Name} must be a string.";
    }
}
