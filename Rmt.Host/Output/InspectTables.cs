using System.Globalization;
using System.Text.Json;

namespace Rmt.Host.Output;

/// <summary>An inspection for people: what it is, its settings, its tensors.</summary>
internal sealed class InspectTables(Terminal terminal) : IRecordWriter
{
    public void Write(IRecord record)
    {
        if (record is not InspectRecord model)
            return;
        Print(["model", ""], Facts(model).Where(row => row[1].Length > 0));
        if (model.Config is { Count: > 0 } config)
            Print(["config.json", ""], config.Select(setting => new[] { setting.Key, Value(setting.Value) }));
        Print(["tensor", "dtype", "shape"], model.Tensors.Select(tensor => new[] { tensor.Name, tensor.Dtype, $"[{string.Join(", ", tensor.Shape)}]" }));
    }

    public void Dispose()
    {
    }

    private static IEnumerable<string[]> Facts(InspectRecord model)
    {
        yield return ["path", model.Path];
        yield return ["model type", model.ModelType ?? ""];
        yield return ["parameters", model.Parameters.ToString("N0", CultureInfo.InvariantCulture)];
        yield return ["bytes", model.Bytes.ToString("N0", CultureInfo.InvariantCulture)];
        yield return ["dtype", model.Dtype];
        if (model.Tokenizer is { } words)
            yield return ["tokenizer", words.Problem ?? $"{words.VocabularySize} tokens, {(words.Lowercase == true ? "lower case" : "cased")}{(words.Ignored.Count > 0 ? $"; ignored: {string.Join(", ", words.Ignored)}" : "")}"];
        if (model.LeftAside is { Count: > 0 } left)
            yield return ["left aside", $"{left.Count} tensor{(left.Count == 1 ? "" : "s")}: {string.Join(", ", left.Take(5))}{(left.Count > 5 ? ", …" : "")}"];
        if (model.Adapter is not { } adapter)
            yield break;
        yield return ["use", adapter.Use switch { "classifier" => "classifier: ready to label documents", "language_model" => "language model: ready to go on with texts", "backbone" => "backbone: a new adapter can be trained around it", _ => "none" }];
        yield return [adapter.Use == "none" ? "why not" : "note", adapter.Problem ?? ""];
        if (adapter.NumMemTokens is null)
            yield break;
        yield return ["window", string.Create(CultureInfo.InvariantCulture, $"{adapter.InputSize} tokens: {adapter.NumMemTokens} of memory, {adapter.SegmentSize} of the document")];
        yield return ["alignment", adapter.SegmentAlignment ?? ""];
        yield return ["base model", adapter.BaseModelNameOrPath ?? ""];
        yield return ["labels", string.Join(", ", adapter.Labels ?? [])];
    }

    // As it stands in the file, lists and objects on one line.
    private static string Value(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : JsonText.WithCharactersBeyondTheBasicPlane(JsonSerializer.Serialize(value, Compact.JsonElement));

    private static RecordJson Compact { get; } = new(new JsonSerializerOptions { Encoder = JsonText.Encoder });

    private void Print(string[] columns, IEnumerable<string[]> rows)
    {
        using var table = new TableWriter(terminal, columns, record => ((Row)record).Cells);
        foreach (var row in rows)
            table.Write(new Row(row));
    }

    private sealed record Row(string[] Cells) : IRecord;
}
