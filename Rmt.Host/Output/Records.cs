using System.Text.Json.Serialization;

namespace Rmt.Host.Output;

/// <summary>One line of a verb's answer. The names and the order of the properties are the keys of its JSON.</summary>
internal interface IRecord;

internal sealed record ClassifyRecord(
    string Source,
    string Label,
    double Score,
    IReadOnlyDictionary<string, double> Scores,
    long TokensTotal,
    long TokensRead,
    int Segments,
    bool Truncated,
    double Seconds) : IRecord;

/// <summary>A document that could not be read, in any verb.</summary>
internal sealed record FailureRecord(string Source, string Error) : IRecord;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ClassifyRecord))]
[JsonSerializable(typeof(FailureRecord))]
[JsonSerializable(typeof(InspectRecord))]
[JsonSerializable(typeof(FlopsRecord))]
[JsonSerializable(typeof(TraceRecord))]
[JsonSerializable(typeof(GenerateRecord))]
[JsonSerializable(typeof(EvaluationRecord))]
[JsonSerializable(typeof(TrainedRecord))]
[JsonSerializable(typeof(TaskRecord))]
[JsonSerializable(typeof(ConfusionRecord))]
[JsonSerializable(typeof(SegmentLossRecord))]
[JsonSerializable(typeof(LaterLossRecord))]
[JsonSerializable(typeof(VocabularyRecord))]
[JsonSerializable(typeof(DemoRecord))]
[JsonSerializable(typeof(System.Text.Json.JsonElement))]
internal sealed partial class RecordJson : JsonSerializerContext;
