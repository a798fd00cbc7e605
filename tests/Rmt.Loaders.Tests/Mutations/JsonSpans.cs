using System.Text.Json;

namespace Rmt.Loaders.Tests.Mutations;

/// <summary>A value in JSON text: where it begins and ends, and where the member begins that it belongs to (the value itself in a list).</summary>
internal readonly record struct JsonSpan(int Start, int End, int MemberStart, JsonTokenType Kind)
{
    public bool IsMember => MemberStart < Start;
}

internal static class JsonSpans
{
    /// <summary>All values but the outermost, as far as the text is JSON.</summary>
    public static List<JsonSpan> Of(ReadOnlySpan<byte> json)
    {
        var spans = new List<JsonSpan>();
        var open = new Stack<(int Start, int MemberStart, JsonTokenType Kind)>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1000 });
        var member = -1;
        try
        {
            while (reader.Read())
            {
                var start = (int)reader.TokenStartIndex;
                var begin = member < 0 ? start : member;
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        member = start;
                        continue;
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        open.Push((start, begin, reader.TokenType));
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        var (from, memberStart, kind) = open.Pop();
                        if (open.Count > 0)
                            spans.Add(new(from, (int)reader.BytesConsumed, memberStart, kind));
                        break;
                    default:
                        spans.Add(new(start, (int)reader.BytesConsumed, begin, reader.TokenType));
                        break;
                }
                member = -1;
            }
        }
        catch (JsonException)
        {
            // Broken by an earlier change: what stands before is enough.
        }
        return spans;
    }
}
