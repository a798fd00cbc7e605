using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Rmt.Service;

/// <summary>Everything that is known of a document or a stream, but for its text. Times are Unix seconds.</summary>
internal sealed record StoredDocument
{
    public const string Columns = """
        documents.seq, documents.id, kind, status, model, model_hash, attempts, run, next_segment, tokens_total, tokens_read, segments, error,
        queued_at, started_at, finished_at, labels, every_segment,
        (select scores from readings where document = documents.seq order by segment desc limit 1),
        max_tokens
        from documents left join models on models.hash = model_hash
        """;

    public required long Seq { get; init; }
    public required string Id { get; init; }
    public required DocumentKind Kind { get; init; }
    public required DocumentStatus Status { get; init; }
    public required string Model { get; init; }
    public string? ModelHash { get; init; }
    public int Attempts { get; init; }
    public int Run { get; init; }
    public int SegmentsRead { get; init; }
    public int? TokensTotal { get; init; }
    public int? TokensRead { get; init; }
    public int? Segments { get; init; }
    public string? Error { get; init; }
    public double QueuedAt { get; init; }
    public double? StartedAt { get; init; }
    public double? FinishedAt { get; init; }
    public IReadOnlyList<string> Labels { get; init; } = [];
    public bool EverySegment { get; init; }

    /// <summary>After the last segment that was read; empty before the first.</summary>
    public double[] Scores { get; init; } = [];

    public int? MaxTokens { get; init; }

    public bool IsFinished => Status is DocumentStatus.Done or DocumentStatus.Failed or DocumentStatus.Cancelled or DocumentStatus.Expired;

    public static StoredDocument Of(SqliteDataReader row) => new()
    {
        Seq = row.GetInt64(0),
        Id = row.GetString(1),
        Kind = (DocumentKind)row.GetInt32(2),
        Status = (DocumentStatus)row.GetInt32(3),
        Model = row.GetString(4),
        ModelHash = Text(row, 5),
        Attempts = row.GetInt32(6),
        Run = row.GetInt32(7),
        SegmentsRead = row.GetInt32(8),
        TokensTotal = Number(row, 9),
        TokensRead = Number(row, 10),
        Segments = Number(row, 11),
        Error = Text(row, 12),
        QueuedAt = row.GetDouble(13),
        StartedAt = Seconds(row, 14),
        FinishedAt = Seconds(row, 15),
        Labels = row.IsDBNull(16) ? [] : JsonSerializer.Deserialize<string[]>(row.GetString(16))!,
        EverySegment = !row.IsDBNull(17) && row.GetBoolean(17),
        Scores = row.IsDBNull(18) ? [] : Doubles((byte[])row.GetValue(18)),
        MaxTokens = Number(row, 19),
    };

    public static double[] Doubles(byte[] bytes) => MemoryMarshal.Cast<byte, double>(bytes).ToArray();

    private static string? Text(SqliteDataReader row, int i) => row.IsDBNull(i) ? null : row.GetString(i);
    private static int? Number(SqliteDataReader row, int i) => row.IsDBNull(i) ? null : row.GetInt32(i);
    private static double? Seconds(SqliteDataReader row, int i) => row.IsDBNull(i) ? null : row.GetDouble(i);
}

/// <summary>What the head said after a segment.</summary>
internal readonly record struct StoredReading(int Segment, double[] Scores);
