using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rmt.Service;

/// <summary>A document that is offered.</summary>
/// <param name="Text">Of any length; blank is a text too.</param>
/// <param name="Id">The sender's own: 1 to 128 letters, digits, dots, dashes, underlines, colons. One is made where none is given.</param>
/// <param name="Model">One of those of <c>/v1/models</c>; the first where none is named.</param>
/// <param name="MaxTokens">Read at most so many tokens, 1 or more; the answer then says truncated.</param>
/// <param name="Truncate">Which are kept: head, or head_tail.</param>
internal sealed record DocumentRequest(
    [property: JsonRequired] string Text,
    string? Id = null,
    string? Model = null,
    [property: JsonPropertyName("max_tokens")] int? MaxTokens = null,
    string? Truncate = null);

/// <summary>A document that is in the queue.</summary>
internal sealed record AcceptedAnswer(string Id, string Status);

/// <summary>A line of a batch: a document, or an error.</summary>
internal sealed record BatchLine(int Line, string? Id, string? Status, string? Error);

/// <summary>What became of a batch.</summary>
internal sealed record BatchAnswer(int Accepted, int Rejected, IReadOnlyList<BatchLine> Documents);

/// <summary>Everything that is known of a document but its text. Times are ISO 8601, in UTC.</summary>
internal sealed record DocumentAnswer
{
    public required string Id { get; init; }

    /// <summary>queued, running, done, failed, cancelled; of a stream also open and expired.</summary>
    public required string Status { get; init; }
    public string? Label { get; init; }
    public double? Score { get; init; }
    public IReadOnlyDictionary<string, double>? Scores { get; init; }

    /// <summary>Tokens of its text; of a stream, those that are known.</summary>
    [JsonPropertyName("tokens_total")]
    public int? TokensTotal { get; init; }

    /// <summary>Of them, those that were read so far; in the end all, but where truncation was asked for.</summary>
    [JsonPropertyName("tokens_read")]
    public int? TokensRead { get; init; }

    /// <summary>How many it will have been; null before the first was read.</summary>
    public int? Segments { get; init; }

    [JsonPropertyName("segments_read")]
    public int SegmentsRead { get; init; }
    public bool? Truncated { get; init; }
    public required string Model { get; init; }

    [JsonPropertyName("model_hash")]
    public string? ModelHash { get; init; }
    public int Attempts { get; init; }

    [JsonPropertyName("queued_at")]
    public DateTimeOffset QueuedAt { get; init; }

    [JsonPropertyName("started_at")]
    public DateTimeOffset? StartedAt { get; init; }

    [JsonPropertyName("finished_at")]
    public DateTimeOffset? FinishedAt { get; init; }
    public string? Error { get; init; }
}

/// <summary>A page of documents.</summary>
/// <param name="Documents">In the order they came.</param>
/// <param name="Next">What <c>after</c> is on the next page, whatever is erased until then; null on the last.</param>
internal sealed record DocumentList(IReadOnlyList<DocumentAnswer> Documents, string? Next);

/// <summary>What the model says after a segment.</summary>
internal sealed record SegmentEvent
{
    /// <summary>From 1.</summary>
    public required int Segment { get; init; }
    public required int? Segments { get; init; }
    public required string Label { get; init; }
    public required double Score { get; init; }
    public required IReadOnlyDictionary<string, double> Scores { get; init; }

    /// <summary>Whether this is the answer, and not a prediction on the way.</summary>
    public required bool Final { get; init; }

    /// <summary>Whether the model was trained to answer after every segment (sum_loss); if not, predictions on the way may mean little.</summary>
    [JsonPropertyName("trained_on_every_segment")]
    public required bool TrainedOnEverySegment { get; init; }
}

/// <summary>A model that this service has.</summary>
internal sealed record ModelAnswer
{
    public required string Name { get; init; }
    public required bool Loaded { get; init; }
    public string? Hash { get; init; }
    public IReadOnlyList<string>? Labels { get; init; }
    public string? Alignment { get; init; }

    [JsonPropertyName("trained_on_every_segment")]
    public bool? TrainedOnEverySegment { get; init; }

    [JsonPropertyName("memory_tokens")]
    public int? MemoryTokens { get; init; }

    [JsonPropertyName("tokens_per_segment")]
    public int? TokensPerSegment { get; init; }
    public string? Device { get; init; }
    public string? Dtype { get; init; }
}

/// <summary>The models, the default first.</summary>
internal sealed record ModelList(IReadOnlyList<ModelAnswer> Models);

/// <summary>A stream that is begun.</summary>
internal sealed record StreamRequest(string? Id = null, string? Model = null);

/// <summary>A stream.</summary>
internal sealed record StreamAnswer
{
    public required DocumentAnswer Document { get; init; }

    /// <summary>The number of the part that is expected.</summary>
    [JsonPropertyName("next_part")]
    public required int NextPart { get; init; }

    /// <summary>Whether its end was said.</summary>
    public required bool Ended { get; init; }

    /// <summary>What the model says after the segments so far; null before the first.</summary>
    public SegmentEvent? Running { get; init; }

    /// <summary>left: its end is not known while it is read.</summary>
    public required string Alignment { get; init; }

    /// <summary>How the model was trained; where it is not left, answers may differ from those of the same text sent whole.</summary>
    [JsonPropertyName("trained_alignment")]
    public string? TrainedAlignment { get; init; }

    /// <summary>A stream that waits longer for a part has expired.</summary>
    [JsonPropertyName("idle_seconds")]
    public required double IdleSeconds { get; init; }
}

/// <summary>A part that was taken.</summary>
internal sealed record PartAnswer(string Id, int Part, int Bytes, [property: JsonPropertyName("next_part")] int NextPart);

/// <summary>How the service is.</summary>
internal sealed record HealthAnswer(string Status, IReadOnlyDictionary<string, bool>? Checks = null);

/// <summary>JSON as requests and answers have it.</summary>
internal static class ServiceJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.Strict,
        PropertyNameCaseInsensitive = false,
        AllowDuplicateProperties = false,
    };
}
