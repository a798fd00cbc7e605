using System.Globalization;
using System.Text.Json;

namespace Rmt.Host.Input;

/// <summary>A text and what it is to be called.</summary>
/// <param name="Text">Of any length; blank is a text too.</param>
/// <param name="Label">Not blank.</param>
/// <param name="Place"><c>FILE:LINE</c>, where the document begins, for messages.</param>
internal sealed record LabelledText(string Text, string Label, string Place);

/// <summary>Labelled documents of a file: <c>{"text": …, "label": …}</c> a line, or CSV (*.csv) whose header names <c>text</c> and <c>label</c>.
/// Other members and columns are passed over.</summary>
/// <param name="path">A *.csv file, else JSON lines.</param>
/// <param name="encoding">Of the file; <see langword="null"/> is UTF-8, or what a byte-order mark says.</param>
internal sealed class LabelledDocuments(string path, string? encoding = null)
{
    private const string Text = "text", Label = "label";
    private const string Object = """a line must be an object with a string "text" and a string or whole number "label": {"text": "…", "label": "…"}""";

    /// <summary>The documents in their order, read one by one: the file is never held.</summary>
    /// <exception cref="InputException">The file cannot be read, or a document of it; the message begins with file and line. Thrown when it is come to.</exception>
    public IEnumerable<LabelledText> Read()
    {
        using var reader = new NamedText(path, () => Inputs.Text(Inputs.Open(path), encoding));
        foreach (var document in path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? Rows(reader) : Lines(reader))
            yield return document;
    }

    private IEnumerable<LabelledText> Lines(TextReader reader)
    {
        for (var number = 1L; reader.ReadLine() is { } line; number++)
            if (!string.IsNullOrWhiteSpace(line))
                yield return Document(line, Place(number));
    }

    private static LabelledText Document(string line, string place)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var record = json.RootElement;
            if (record.ValueKind != JsonValueKind.Object || !record.TryGetProperty(Text, out var text) || text.ValueKind != JsonValueKind.String
                || !record.TryGetProperty(Label, out var label) || NameOf(label) is not { } name)
                throw new InputException($"{place}: {Object}");
            return Document(text.GetString()!, name, place);
        }
        catch (JsonException error)
        {
            throw new InputException($"{place}: not JSON: {error.Message}");
        }
        catch (InvalidOperationException)
        {
            throw new InputException($"{place}: not text: it holds half of a surrogate pair");
        }
    }

    // Numbered classes are common; 1 and "1" are the same label.
    private static string? NameOf(JsonElement label) => label.ValueKind switch
    {
        JsonValueKind.String => label.GetString(),
        JsonValueKind.Number when label.TryGetInt64(out var number) => number.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    private IEnumerable<LabelledText> Rows(TextReader reader)
    {
        var (text, label, columns) = (-1, -1, -1);
        foreach (var (line, fields) in new Csv(path, reader).Rows())
        {
            if (columns < 0)
            {
                (text, label, columns) = (Column(fields, Text), Column(fields, Label), fields.Count);
                continue;
            }
            if (fields is [""])
                continue;   // a blank line
            if (fields.Count != columns)
                throw new InputException($"{Place(line)}: the row has {fields.Count} fields, the header {columns}; a text with a comma or a line break in it stands in quotes");
            yield return Document(fields[text], fields[label], Place(line));
        }
    }

    private int Column(List<string> header, string name) => header.IndexOf(name) is var index and >= 0 && header.LastIndexOf(name) == index ? index
        : throw new InputException($"{Place(1)}: the header must name the columns {Text} and {Label}, once each; it is '{string.Join(',', header)}'");

    private static LabelledText Document(string text, string label, string place) =>
        string.IsNullOrWhiteSpace(label) ? throw new InputException($"{place}: the label is empty; every document needs one") : new(text, label, place);

    private string Place(long line) => string.Create(CultureInfo.InvariantCulture, $"{path}:{line}");
}
