using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rmt.Loaders;

/// <summary>
/// <c>rmt_config.json</c> of a saved RMT model: everything but its weights. Read, checked and written back with whatever else stood in it.
/// </summary>
public sealed record RmtConfig
{
    /// <summary>The name of the file in its folder.</summary>
    public const string FileName = "rmt_config.json";

    /// <summary>The task of a document classifier.</summary>
    public const string Classification = "SEQ_CLS";

    /// <summary>The task of a language model.</summary>
    public const string LanguageModel = "CAUSAL_LM";

    private static readonly string[] Keys =
        ["adapter_type", "task_type", "base_model_name_or_path", "num_mem_tokens", "segment_size", "input_size", "segment_alignment", "sum_loss", "id2label", "label2id", "training"];

    /// <summary>What the model is for, <see cref="Classification"/> or <see cref="LanguageModel"/>.</summary>
    public required string TaskType { get; init; }

    /// <summary>The backbone, where its weights are not in the same folder: a hub id, or a path relative to that folder. Null where they are.</summary>
    public string? BaseModel { get; init; }

    /// <summary>m. 0 is the plain backbone.</summary>
    public required int MemoryTokens { get; init; }

    /// <summary>Content tokens of a full segment.</summary>
    public required int SegmentSize { get; init; }

    /// <summary>L: content, memory and special tokens of one step.</summary>
    public required int InputSize { get; init; }

    /// <summary>Where the short segment goes: left, right or center.</summary>
    public string SegmentAlignment { get; init; } = "right";

    /// <summary>Whether it was trained on the loss of every segment, not only the last.</summary>
    public bool SumLoss { get; init; }

    /// <summary>The labels by their ids, 0 to n - 1; empty for a language model.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>How it was trained, as raw JSON: notes for people, and <see cref="TrainingNotes"/>. Loading does not look at them.</summary>
    public JsonElement? Training { get; init; }

    /// <summary>The file's keys in their order, with the values of those that this version does not know.</summary>
    private IReadOnlyList<KeyValuePair<string, JsonElement>> Source { get; init; } = [];

    /// <summary>Reads <c>rmt_config.json</c> of a folder.</summary>
    public static RmtConfig Open(string folder) => Parse(JsonFile.Open(Path.Combine(folder, FileName)));

    /// <summary>Checks every key. Whether the sizes add up for its backbone is asked by <see cref="RequireSegmentSize"/>.</summary>
    public static RmtConfig Parse(JsonFile json)
    {
        _ = json.Choice("adapter_type", ["rmt"]);
        var task = json.Choice("task_type", [Classification, LanguageModel]);
        var config = new RmtConfig
        {
            TaskType = task,
            BaseModel = json.OptionalText("base_model_name_or_path"),
            MemoryTokens = json.Whole("num_mem_tokens", 0, 1 << 20),
            SegmentSize = json.Whole("segment_size", 1, 1 << 30),
            InputSize = json.Whole("input_size", 1, 1 << 30),
            SegmentAlignment = json.Choice("segment_alignment", ["left", "right", "center"], orElse: task == LanguageModel ? "left" : "right"),
            SumLoss = json.Flag("sum_loss", orElse: false),
            Labels = ReadLabels(json, task),
            Training = json.TryGet("training", out var training) ? training.Clone() : null,
            Source = [.. json.Members.Select(member => KeyValuePair.Create(member.Name, Keys.Contains(member.Name) ? default : member.Value.Clone()))],
        };
        if (config.SegmentSize + config.MemoryTokens > config.InputSize)
            throw json.Wrong("segment_size", $"at most input_size - num_mem_tokens = {config.InputSize - config.MemoryTokens}");
        return config;
    }

    /// <summary>Checks that content, memory and special tokens fill the window exactly.</summary>
    /// <param name="path">For the message.</param>
    /// <param name="specialTokens">Special tokens of the backbone's family in a window: 3 for BERT, 0 for GPT-2.</param>
    /// <param name="memoryPlaces">How often memory stands in a window: once for an encoder, twice (read, write) for a decoder.</param>
    public RmtConfig RequireSegmentSize(string path, int specialTokens, int memoryPlaces = 1)
    {
        var expected = InputSize - ((long)memoryPlaces * MemoryTokens) - specialTokens;
        if (SegmentSize == expected)
            return this;
        var places = memoryPlaces == 1 ? "num_mem_tokens" : $"{memoryPlaces} × num_mem_tokens";
        throw new LoadException(path, $"segment_size must be input_size - {places} - {specialTokens} special tokens = {expected}, found {SegmentSize}.");
    }

    /// <summary>Writes <c>rmt_config.json</c> into a folder, all or nothing. Keys keep the order in which they were read; new ones follow.</summary>
    public void Save(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), ToBytes());

    /// <summary>The file's content.</summary>
    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        // Relaxed: this file is no part of a web page, and labels of any language should be readable in it.
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            foreach (var (key, value) in Source.Where(member => IsKept(member.Key)))
                WriteMember(writer, key, value);
            foreach (var key in Keys.Where(key => IsSet(key) && !Source.Any(member => member.Key == key)))
                WriteMember(writer, key, default);
            writer.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private bool IsKept(string key) => !Keys.Contains(key) || IsSet(key);

    private bool IsSet(string key) => key switch
    {
        "base_model_name_or_path" => BaseModel is not null,
        "id2label" or "label2id" => Labels.Count > 0,
        "training" => Training is not null,
        _ => true,
    };

    private void WriteMember(Utf8JsonWriter writer, string key, JsonElement unknown)
    {
        writer.WritePropertyName(key);
        switch (key)
        {
            case "adapter_type": writer.WriteStringValue("rmt"); break;
            case "task_type": writer.WriteStringValue(TaskType); break;
            case "base_model_name_or_path": writer.WriteStringValue(BaseModel); break;
            case "num_mem_tokens": writer.WriteNumberValue(MemoryTokens); break;
            case "segment_size": writer.WriteNumberValue(SegmentSize); break;
            case "input_size": writer.WriteNumberValue(InputSize); break;
            case "segment_alignment": writer.WriteStringValue(SegmentAlignment); break;
            case "sum_loss": writer.WriteBooleanValue(SumLoss); break;
            case "id2label": WriteObject(writer, id => writer.WriteString(Number(id), Labels[id])); break;
            case "label2id": WriteObject(writer, id => writer.WriteNumber(Labels[id], id)); break;
            case "training": Training!.Value.WriteTo(writer); break;
            default: unknown.WriteTo(writer); break;
        }
    }

    private void WriteObject(Utf8JsonWriter writer, Action<int> member)
    {
        writer.WriteStartObject();
        for (var id = 0; id < Labels.Count; id++)
            member(id);
        writer.WriteEndObject();
    }

    private static List<string> ReadLabels(JsonFile json, string task)
    {
        var names = json.OptionalInner("id2label");
        if (task == Classification && names?.Members.Any() != true)
            throw json.Wrong("id2label", "an object that names the label of every id, since task_type is SEQ_CLS", names is null ? null : "an empty one");
        var labels = new string?[names?.Members.Count() ?? 0];
        var idOf = Enumerable.Range(0, labels.Length).ToDictionary(Number);
        foreach (var member in names?.Members ?? [])
        {
            if (!idOf.TryGetValue(member.Name, out var id))
                throw json.Wrong("id2label", $"an object with the keys 0 to {labels.Length - 1}, without a gap", $"the key {Quoted.Name(member.Name)}");
            // Not by name: JsonElement looks for a name from the start, which for many labels is their square.
            labels[id] = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : throw names!.Wrong(member.Name, "a string");
        }
        if (labels.GroupBy(label => label).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw json.Wrong("id2label", "different labels for different ids", $"{Quoted.Name(twice.Key!)} {twice.Count()} times");
        List<string> read = [.. labels.Select(label => label!)];   // n different keys among 0 … n - 1: none is left out
        RequireInverse(json, read);
        return read;
    }

    private static void RequireInverse(JsonFile json, List<string> labels)
    {
        if (json.OptionalInner("label2id") is not { } ids)
            return;
        var idOf = Enumerable.Range(0, labels.Count).ToDictionary(id => labels[id]);
        foreach (var member in ids.Members)
        {
            if (!idOf.TryGetValue(member.Name, out var id))
                throw json.Wrong("label2id", "the inverse of id2label", $"the label {Quoted.Name(member.Name)}, which is not there");
            if (member.Value.ValueKind != JsonValueKind.Number || !member.Value.TryGetInt32(out var number) || number != id)
                throw ids.Wrong(member.Name, $"{id}, as in id2label");
        }
        if (ids.Members.Count() != labels.Count)
            throw json.Wrong("label2id", "the inverse of id2label", $"{ids.Members.Count()} labels instead of {labels.Count}");
    }

    private static string Number(int id) => id.ToString(CultureInfo.InvariantCulture);
}
