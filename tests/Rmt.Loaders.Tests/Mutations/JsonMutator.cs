using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rmt.Loaders.Tests.Mutations;

/// <summary>Changes one thing in JSON that it understands: most results are JSON still, and wrong in what they say.</summary>
internal static class JsonMutator
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "1", "-1", "2", "3", "7", "8.0", "1.5", "1e2", "1e400", "-0", "255", "65536", "2147483647", "2147483648", "4294967296",
        "9223372036854775807", "9223372036854775808", "18446744073709551616", "123456789012345678901234567890", "\"\"", "\"a\"", "\"0\"", "\"right\"", "\"bert\"",
        "\"[SEP]\"", "\"../x\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"\\ud800\"", "\"\\n\\u001b[2J\"", "[]", "{}", "[1]", "[[1]]", "{\"0\":\"a\"}", "{\"a\":0}", "NaN", "Infinity",
    ];

    private static readonly string[] Keys = ["", "0", "2", "a", "__metadata__", "dtype", "shape", "data_offsets", "content", "id", "model_type", "\\u0000", "\\udc00", "ü", "memory"];

    /// <summary>What was done, for the table and for who looks for a failure.</summary>
    public static (byte[] Json, string Change) Change(byte[] json, Random random)
    {
        var spans = JsonSpans.Of(json);
        if (spans.Count == 0)
            return ([.. json, (byte)'}'], "a brace more");
        var span = spans[random.Next(spans.Count)];
        var value = json[span.Start..span.End];
        switch (random.Next(16))
        {
            case 0 or 1 or 2: return (Replace(Pick(Values, random)), "another value");
            case 3 or 4 or 5:
                span = spans.Where(one => one.Kind == JsonTokenType.Number).DefaultIfEmpty(span).OrderBy(_ => random.Next()).First();
                return (Replace(Near(json[span.Start..span.End], random)), "a number near it");
            case 6 or 7: return (Without(), "one less");
            case 8: return (Splice(json, span.End, span.End, [(byte)',', .. json[span.MemberStart..span.End]]), "twice the same");
            case 9:
                var other = spans[random.Next(spans.Count)];
                return (Splice(json, span.Start, span.End, json[other.Start..other.End]), "the value of another place");
            case 10 or 11 when span.IsMember:
                var key = random.Next(2) == 0 ? Keys[random.Next(Keys.Length)] : KeyOf(json, spans[random.Next(spans.Count)]);
                return (Splice(json, span.MemberStart, span.Start, [(byte)'"', .. Encoding.UTF8.GetBytes(key), (byte)'"', (byte)':']), "another name");
            case 12:
                var deep = Pick([1, 2, 62, 63, 64, 500, 20_000], random);
                return (Splice(json, span.Start, span.End, [.. Repeat('[', deep), .. value, .. Repeat(']', deep)]), "nested");
            case 13: return (Replace($"\"{new string('x', Pick([101, 1_001, 20_000], random))}\""), "a long string");
            case 14:
                var times = Pick([2, 70, 3_000], random);
                return (Splice(json, span.End, span.End, [.. Enumerable.Range(0, times).SelectMany(i => span.IsMember
                    ? [(byte)',', .. Encoding.UTF8.GetBytes($"\"k{i}\":"), .. value] : (byte[])[(byte)',', .. value])]), "many more");
            default: return (Splice(json, span.Start, span.Start + random.Next(2), [(byte)random.Next(256)]), "a byte that is no JSON");
        }

        byte[] Replace(string text) => Splice(json, span.Start, span.End, Encoding.UTF8.GetBytes(text));

        byte[] Without() => span.End < json.Length && json[span.End] == ',' ? Splice(json, span.MemberStart, span.End + 1, [])
            : json[span.MemberStart - 1] == ',' ? Splice(json, span.MemberStart - 1, span.End, []) : Splice(json, span.MemberStart, span.End, []);
    }

    private static string Near(byte[] number, Random random)
    {
        if (!long.TryParse(number, CultureInfo.InvariantCulture, out var whole) || Math.Abs(whole) > int.MaxValue)
            return random.Next(30).ToString(CultureInfo.InvariantCulture);
        long near = random.Next(6) switch { 0 => whole + 1, 1 => whole - 1, 2 => whole * 2, 3 => whole / 2, 4 => whole + random.Next(-8, 9), _ => random.Next(64) };
        return near.ToString(CultureInfo.InvariantCulture);
    }

    private static string KeyOf(byte[] json, JsonSpan span) =>
        span.IsMember ? Encoding.UTF8.GetString(json[span.MemberStart..span.Start]).Trim().TrimEnd(':').Trim('"') : "x";

    private static byte[] Splice(byte[] json, int from, int to, byte[] by) => [.. json[..from], .. by, .. json[to..]];

    private static byte[] Repeat(char letter, int times) => Encoding.ASCII.GetBytes(new string(letter, times));

    private static T Pick<T>(T[] among, Random random) => among[random.Next(among.Length)];
}
