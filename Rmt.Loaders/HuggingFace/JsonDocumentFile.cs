using System.Text.Json;

namespace Rmt.Loaders;

/// <summary>Bytes to JSON, or a refusal that says at which byte. After this no string of the document can throw.</summary>
internal static class JsonDocumentFile
{
    private const int Deepest = 64;

    /// <summary>The one object that the bytes are.</summary>
    /// <exception cref="LoadException">Not UTF-8, not JSON, a key twice in one object, nested more than 64 deep, half a surrogate pair, no object.</exception>
    public static JsonElement Parse(string path, ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Span.StartsWith("\uFEFF"u8))   // some editors put a byte-order mark in front
            utf8 = utf8[3..];
        if (SmallFile.FirstNotUtf8(utf8.Span) is >= 0 and var bad)
            throw new LoadException(path, $"is not UTF-8 at byte {bad}.");
        try
        {
            RefuseHalfCharacters(path, utf8.Span);
            // Python takes the last of two equal keys, others the first: nobody can know what was meant.
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = Deepest, AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone()
                : throw new LoadException(path, $"must hold a JSON object at byte 0, found {Quoted.Value(document.RootElement)}.");
        }
        catch (JsonException e)
        {
            throw Refusal(path, "is not JSON", e);
        }
    }

    /// <summary>The parser's exception as a sentence with its line and byte, where it names them.</summary>
    public static LoadException Refusal(string path, string sentence, JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        var place = e.LineNumber is { } line ? $" at line {line + 1}, byte {e.BytePositionInLine + 1}" : "";
        return new LoadException(path, $"{sentence}{place}: {Quoted.Clean(end < 0 ? e.Message : e.Message[..end])}", e);
    }

    // UTF-8 cannot hold half of a surrogate pair, but an escape can.
    private static void RefuseHalfCharacters(string path, ReadOnlySpan<byte> utf8)
    {
        if (utf8.IndexOf("\\u"u8) < 0)
            return;
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = Deepest });
        while (reader.Read())
        {
            if (!reader.ValueIsEscaped)
                continue;
            try
            {
                _ = reader.GetString();
            }
            catch (InvalidOperationException e)
            {
                throw new LoadException(path, $"has a string that is not Unicode at byte {reader.TokenStartIndex}: half of a surrogate pair, such as \"\\ud800\".", e);
            }
        }
    }
}
