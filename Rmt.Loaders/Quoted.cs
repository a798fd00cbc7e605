using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rmt.Loaders;

/// <summary>What stands in a file, made fit for a message of one line: a file may hold names of any length, with line ends and escape codes in them.</summary>
internal static class Quoted
{
    private const int Longest = 100;

    /// <summary>A name from a file: in single quotes, control characters escaped, cut where it is long.</summary>
    public static string Name(string name) => $"'{Clean(name)}'";

    /// <summary>A value as it stands in the JSON file; of objects and lists only what they are.</summary>
    public static string Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.Undefined => "nothing",
        _ => Clean(value.GetRawText()),
    };

    /// <summary>[768, 3072]</summary>
    public static string Shape(IReadOnlyList<long> shape)
    {
        var shown = shape.Take(8).Select(size => size.ToString(CultureInfo.InvariantCulture));
        return $"[{string.Join(", ", shown)}{(shape.Count > 8 ? $", … {shape.Count} dimensions" : "")}]";
    }

    /// <summary>The first few of many: "'a', 'b' and 14 more".</summary>
    public static string List(IReadOnlyCollection<string> names, int most = 10)
    {
        var shown = string.Join(", ", names.Take(most).Select(Name));
        return names.Count > most ? $"{shown} and {names.Count - most} more" : shown;
    }

    /// <summary>Control characters and halves of surrogate pairs escaped, at most 100 characters.</summary>
    public static string Clean(string text)
    {
        var shown = text.Length <= Longest ? text : text[..(char.IsHighSurrogate(text[Longest - 1]) ? Longest - 1 : Longest)];
        var clean = new StringBuilder();
        for (var i = 0; i < shown.Length; i++)
        {
            if (char.IsSurrogatePair(shown, i))
                _ = clean.Append(shown, i++, 2);
            else if (char.IsControl(shown[i]) || char.IsSurrogate(shown[i]))
                _ = clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)shown[i]:x4}");
            else
                _ = clean.Append(shown[i]);
        }
        return shown.Length < text.Length ? clean.Append('…').ToString() : clean.ToString();
    }
}
