using System.Text.Json;

namespace Rmt.Benchmarks.Gpu;

/// <summary>What the Python rivals print, a JSON object a line, as lines of our table.</summary>
internal static class RivalLines
{
    /// <summary>What is printed first: device and versions. Null for any other line.</summary>
    public static string? Machine(string line) => Object(line) is { } said && !said.TryGetProperty("variant", out _) && said.TryGetProperty("torch", out var torch)
        ? $"{Text(said, "device")}, torch {torch}, transformers {Text(said, "transformers")}" : null;

    /// <summary>A variant's figures: none from a line that is no figure, two where a long document was read as well.</summary>
    /// <param name="line">As printed.</param>
    /// <param name="part">The work of one call.</param>
    /// <param name="shape">Of the model.</param>
    /// <param name="batch">Where the line does not say it.</param>
    public static IEnumerable<GpuLine> Parse(string line, string part, string shape, int batch)
    {
        if (Object(line) is not { } said || Text(said, "variant") is not { } variant) yield break;
        var call = new GpuLine(part, shape, (int?)Number(said, "batch") ?? batch, GpuLine.Them, variant) { Error = Text(said, "error") };
        var error = call.Error;
        yield return error is not null ? call : call with
        {
            Milliseconds = Number(said, "ms"),
            LeastMilliseconds = Number(said, "ms_least"),
            Calls = (int?)Number(said, "calls"),
            TokensPerSecond = Number(said, "tokens_per_s"),
            PeakMib = Number(said, "peak_mib"),
        };
        if (error is null && Number(said, "wall_s") is { } seconds)
            yield return call with { Part = DocumentPart.Ids, Seconds = seconds, TokensPerSecond = Number(said, "tokens") / seconds, PeakMib = Number(said, "peak_mib") };
    }

    private static JsonElement? Object(string line)
    {
        try
        {
            return line.StartsWith('{') && JsonSerializer.Deserialize<JsonElement>(line) is { ValueKind: JsonValueKind.Object } said ? said : null;
        }
        catch (JsonException)
        {
            return null;        // a warning of a library that begins with a brace
        }
    }

    private static string? Text(JsonElement said, string name) => said.TryGetProperty(name, out var value) ? value.ToString() : null;

    private static double? Number(JsonElement said, string name) => said.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
