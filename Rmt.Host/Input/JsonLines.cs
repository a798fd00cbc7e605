using System.Globalization;
using System.Text.Json;

namespace Rmt.Host.Input;

/// <summary>A file with one document a line: <c>{"text": …, "id": …}</c>. Blank lines are passed over; a bad line fails alone.</summary>
internal sealed class JsonLines(string path, string? encoding)
{
    public IEnumerable<DocumentSource> Documents()
    {
        TextReader reader;
        string? problem;
        (reader, problem) = Open();
        using (reader)
        {
            for (var number = 1L; problem is null; number++)
            {
                (var line, problem) = ReadLine(reader);
                if (problem is null && line is null)
                    yield break;
                if (!string.IsNullOrWhiteSpace(line))
                    yield return Document(line, number);
            }
            yield return DocumentSource.Unreadable(path, problem);   // the lines before it were read
        }
    }

    private DocumentSource Document(string line, long number)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{path}:{number}");
        try
        {
            using var json = JsonDocument.Parse(line);
            var record = json.RootElement;
            if (record.ValueKind != JsonValueKind.Object || !record.TryGetProperty("text", out var text) || text.ValueKind != JsonValueKind.String)
                return DocumentSource.Unreadable(name, """a line must be an object with a string "text": {"text": "…", "id": "…"}""");
            if (record.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String or JsonValueKind.Number)
                name = $"{path}:{id}";
            var content = text.GetString()!;
            return new DocumentSource(name, () => new StringReader(content));
        }
        catch (JsonException error)
        {
            return DocumentSource.Unreadable(name, $"not JSON: {error.Message}");
        }
        catch (InvalidOperationException)
        {
            return DocumentSource.Unreadable(name, "not text: it holds half of a surrogate pair");   // "\ud800" without its other half
        }
    }

    // An iterator may not yield inside a catch, so problems come as values.
    private (TextReader Reader, string? Problem) Open()
    {
        try
        {
            return (Inputs.Text(Inputs.Open(path), encoding), null);
        }
        catch (Exception error) when (DocumentSource.IsUnreadable(error))
        {
            return (TextReader.Null, error.Message);
        }
    }

    private static (string? Line, string? Problem) ReadLine(TextReader reader)
    {
        try
        {
            return (reader.ReadLine(), null);
        }
        catch (Exception error) when (DocumentSource.IsUnreadable(error))
        {
            return (null, error.Message);
        }
    }
}
