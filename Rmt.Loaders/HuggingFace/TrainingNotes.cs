using System.Text.Json;

namespace Rmt.Loaders;

/// <summary>What a saved model was made for, as far as <c>training</c> of its rmt_config.json says so: <c>{"task":"detect","segments":7}</c>.</summary>
/// <param name="Task">memorize, detect, reason, or whatever stands there; null where nothing does.</param>
/// <param name="Segments">Most segments that it was trained on: <c>segments</c>, a number, or the largest of a list; null where nothing is said.</param>
public sealed record TrainingNotes(string? Task, int? Segments)
{
    /// <summary>Those of a saved model; what is written otherwise is not understood, and no error.</summary>
    public static TrainingNotes Of(RmtConfig? config)
    {
        if (config?.Training is not { ValueKind: JsonValueKind.Object } training)
            return new(null, null);
        var task = training.TryGetProperty("task", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
        return new(task, training.TryGetProperty("segments", out var segments) ? Largest(segments) : null);
    }

    private static int? Largest(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetInt32(out var number) && number > 0 => number,
        JsonValueKind.Array => value.EnumerateArray().Select(Largest).Max(),
        _ => null,
    };
}
