using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Rmt.Host.Output;

/// <summary>JSON for people and pipes: only what JSON demands is escaped.</summary>
internal static class JsonText
{
    /// <summary>Leaves letters of every script, but escapes what lies beyond the Basic Multilingual Plane: see <see cref="WithCharactersBeyondTheBasicPlane"/>.</summary>
    public static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>Writes escaped surrogate pairs as the characters they are. An encoder of our own would need unsafe code.</summary>
    public static string WithCharactersBeyondTheBasicPlane(string json)
    {
        if (!json.Contains("\\uD", StringComparison.Ordinal))
            return json;
        var text = new StringBuilder(json.Length);
        for (var i = 0; i < json.Length; i++)
        {
            if (json[i] != '\\')
                _ = text.Append(json[i]);
            else if (Unit(json, i) is { } high && char.IsHighSurrogate(high) && Unit(json, i + 6) is { } low && char.IsLowSurrogate(low))
            {
                _ = text.Append(high).Append(low);
                i += 11;
            }
            else
                _ = text.Append(json[i]).Append(json[++i]);   // an escaped backslash must not be taken for the next escape's
        }
        return text.ToString();
    }

    private static char? Unit(string json, int at) =>
        at + 6 <= json.Length && json[at] == '\\' && json[at + 1] == 'u' && ushort.TryParse(json.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit) ? (char)unit : null;
}
