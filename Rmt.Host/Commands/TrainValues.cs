using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rmt.Host.Input;

namespace Rmt.Host.Commands;

/// <summary>Options by name, from a file of values, a stage of it, or the command line.</summary>
/// <param name="General">Name to text.</param>
/// <param name="Stages">The stages of the file, each with its own; empty where none are written out.</param>
internal sealed record TrainValues(IReadOnlyDictionary<string, string> General, IReadOnlyList<(int Segments, IReadOnlyDictionary<string, string> Values)> Stages)
{
    private const string StagesKey = "stages", SegmentsKey = "segments";

    // Where they are from, for messages; null: typed.
    private string? From { get; init; }

    /// <summary>Reads a file of values.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    /// <exception cref="UsageException">It is no JSON object, or a name in it is no option.</exception>
    public static TrainValues Read(string path, TrainOptions options)
    {
        try
        {
            using var file = Inputs.Open(path);
            using var json = JsonDocument.Parse(file, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false });
            return Of(json.RootElement, path, options);
        }
        catch (JsonException error)
        {
            throw new UsageException($"{path}: not JSON of options: {error.Message}");
        }
        catch (Exception error) when (DocumentSource.IsUnreadable(error))
        {
            throw new InputException($"{path}: {error.Message}");
        }
    }

    private static TrainValues Of(JsonElement root, string path, TrainOptions options)
    {
        var written = root.ValueKind == JsonValueKind.Object && root.TryGetProperty(StagesKey, out var stages) && stages.ValueKind == JsonValueKind.Array ? stages : default;
        var general = Members(root, path, name => name == StagesKey ? written.ValueKind == JsonValueKind.Undefined : options.Has(name));
        if (written.ValueKind == JsonValueKind.Undefined)
            return new(general, []) { From = path };
        return new(general, [.. written.EnumerateArray().Select((stage, index) => Stage(stage, $"{path}: {StagesKey}[{index}]"))]) { From = path };
    }

    private static (int, IReadOnlyDictionary<string, string>) Stage(JsonElement stage, string where)
    {
        if (stage.ValueKind == JsonValueKind.Number && stage.TryGetInt32(out var bare) && bare >= 1)
            return (bare, new Dictionary<string, string>());
        var values = Members(stage, where, name => name == SegmentsKey || TrainOptions.OfAStage.Contains(name));
        if (!values.Remove(SegmentsKey, out var segments) || !int.TryParse(segments, out var count) || count < 1)
            throw new UsageException($"{where} needs \"{SegmentsKey}\", 1 or more");
        return (count, values);
    }

    private static Dictionary<string, string> Members(JsonElement json, string where, Func<string, bool> isKnown)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new UsageException($"{where}: expected is an object of options, found {json.ValueKind.ToString().ToLowerInvariant()}");
        var values = new Dictionary<string, string>();
        foreach (var member in json.EnumerateObject().Where(member => member.Name != StagesKey || member.Value.ValueKind != JsonValueKind.Array))
        {
            if (!isKnown(member.Name))
                throw new UsageException($"{where}: there is no option '{member.Name}' here ('rmt train --help' lists them, without the dashes)");
            if (Text(member.Value) is { } text)
                values[member.Name] = text;
            else if (member.Value.ValueKind != JsonValueKind.Null)
                throw new UsageException($"{where}: {member.Name} must be a number, a string, true, false or null");
        }
        return values;
    }

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText().ToLowerInvariant(),
        _ => null,
    };

    /// <summary>The same, where others win.</summary>
    public TrainValues Under(IReadOnlyDictionary<string, string> winners)
    {
        // A way of clipping replaces the other one.
        var clips = winners.ContainsKey("clip-norm") || winners.ContainsKey("clip-value");
        var ways = winners.ContainsKey("replay") || winners.ContainsKey("depth");
        var general = General.Where(entry => !(clips && entry.Key is "clip-norm" or "clip-value") || winners.ContainsKey(entry.Key))
            .Where(entry => !(ways && entry.Key is "replay" or "depth") || winners.ContainsKey(entry.Key)).ToDictionary();
        foreach (var (name, value) in winners)
            general[name] = value;
        return this with
        {
            General = general,
            Stages = winners.ContainsKey(StagesKey) ? []
                : [.. Stages.Select(stage => (stage.Segments, (IReadOnlyDictionary<string, string>)stage.Values.Where(entry => !winners.ContainsKey(entry.Key)).ToDictionary()))],
        };
    }

    /// <summary>As if they had been typed.</summary>
    /// <param name="command">Whose options they are.</param>
    /// <param name="stage">Values that win, in one stage.</param>
    public ParseResult Parse(Command command, IReadOnlyDictionary<string, string>? stage = null)
    {
        var all = General.ToDictionary();
        foreach (var (name, value) in stage ?? new Dictionary<string, string>())
            all[name] = value;
        var parsed = command.Parse([.. all.Select(entry => $"--{entry.Key}={entry.Value}")], new ParserConfiguration { ResponseFileTokenReplacer = null });
        return parsed.Errors.Count == 0 ? parsed : throw new UsageException(parsed.Errors[0].Message + (From is null ? "" : $" (with the values of {From})"));
    }

    /// <summary>The same as JSON that <see cref="Read"/> reads, every default written out.</summary>
    public JsonObject Effective(Command command, TrainOptions options)
    {
        var values = options.Effective(Parse(command));
        if (Stages.Count == 0)
            return values;
        values[StagesKey] = new JsonArray([.. Stages.Select(stage =>
        {
            var own = options.Effective(Parse(command, stage.Values));
            return new JsonObject([KeyValuePair.Create(SegmentsKey, (JsonNode?)JsonValue.Create(stage.Segments)),
                .. TrainOptions.OfAStage.Where(own.ContainsKey).Select(name => KeyValuePair.Create(name, own[name]?.DeepClone()))]);
        })]);
        return values;
    }
}
