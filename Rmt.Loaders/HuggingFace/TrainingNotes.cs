using System.Globalization;
using System.Text.Json;

namespace Rmt.Loaders;

/// <summary>What a saved model was made for, as far as <c>training</c> of its rmt_config.json says so: <c>{"task":"detect","stages":"1..7"}</c>.</summary>
/// <param name="Task">memorize, detect, reason, or whatever stands there; null where nothing does.</param>
/// <param name="Segments">Most segments that it was trained on: the largest number of <c>segments</c> or of <c>stages</c>, each a number, a text such as
/// <c>1,2,4..6</c>, a list, or a list of objects with <c>segments</c>; null where nothing is said.</param>
public sealed record TrainingNotes(string? Task, int? Segments)
{
    private const string TaskKey = "task", SegmentsKey = "segments", StagesKey = "stages";

    /// <summary>Those of a saved model; what is written otherwise is not understood, and no error.</summary>
    public static TrainingNotes Of(RmtConfig? config)
    {
        if (config?.Training is not { ValueKind: JsonValueKind.Object } training)
            return new(null, null);
        var task = training.TryGetProperty(TaskKey, out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
        return new(task, training.TryGetProperty(SegmentsKey, out var segments) || training.TryGetProperty(StagesKey, out segments) ? Largest(segments) : null);
    }

    private static int? Largest(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetInt32(out var number) && number > 0 => number,
        JsonValueKind.String => value.GetString()!.Split([',', '.', ' ']).Select(Number).Max(),
        JsonValueKind.Array => value.EnumerateArray().Select(Largest).Max(),
        JsonValueKind.Object when value.TryGetProperty(SegmentsKey, out var segments) && segments.ValueKind == JsonValueKind.Number => Largest(segments),
        _ => null,
    };

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
