using System.Text.Json;

namespace Rmt.Service;

/// <summary>What can be asked.</summary>
internal sealed partial class DocumentStore
{
    /// <summary>A document or stream, or null.</summary>
    public StoredDocument? Find(string id, DocumentKind kind = DocumentKind.Document) =>
        Read(session => session.First($"select {StoredDocument.Columns} where documents.id = $1 and kind = $2", StoredDocument.Of, id, (int)kind));

    /// <summary>Documents in the order they came.</summary>
    /// <param name="status">Only those; null: all.</param>
    /// <param name="after">Behind this one's <see cref="StoredDocument.Seq"/>.</param>
    /// <param name="limit">Most that are given.</param>
    /// <param name="newest">The other way round.</param>
    public IReadOnlyList<StoredDocument> List(DocumentStatus? status, long after, int limit, bool newest = false) => Read(session =>
    {
        var behind = newest ? "documents.seq < $1 order by documents.seq desc limit $2" : "documents.seq > $1 order by documents.seq limit $2";
        return status is { } only
            ? session.All($"select {StoredDocument.Columns} where kind = 0 and status = $3 and {behind}", StoredDocument.Of, after, limit, (int)only)
            : session.All($"select {StoredDocument.Columns} where kind = 0 and {behind}", StoredDocument.Of, after, limit);
    });

    /// <summary>What was said after the segments behind <paramref name="after"/>.</summary>
    public IReadOnlyList<StoredReading> Readings(long seq, int after, int limit = 1000) => Read(session => session.All(
        "select segment, scores from readings where document = $1 and segment > $2 order by segment limit $3", row => new StoredReading(row.GetInt32(0), StoredDocument.Doubles((byte[])row.GetValue(1))), seq, after, limit));

    /// <summary>Makes a model's labels known to every process on the store.</summary>
    /// <returns>Rows written.</returns>
    public int Know(string hash, string name, IReadOnlyList<string> labels, bool everySegment) => Write(session =>
        session.Run("insert into models values ($1, $2, $3, $4) on conflict do update set name = $2", hash, name, JsonSerializer.Serialize(labels), everySegment));

    /// <summary>Documents and streams by status.</summary>
    public IReadOnlyDictionary<DocumentStatus, long> Counts() =>
        Read(session => session.All("select status, count(*) from documents group by status", row => (Status: (DocumentStatus)row.GetInt32(0), Count: row.GetInt64(1)))).ToDictionary(row => row.Status, row => row.Count);

    /// <summary>How long the oldest waiting document has waited, in seconds; 0 where none waits.</summary>
    public double OldestWait() => Read(session => session.First("select min(queued_at) from documents where status = 0", row => row.IsDBNull(0) ? (double?)null : row.GetDouble(0))) is { } since
        ? Math.Max(0, Now - since) : 0;
}
