using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Rmt.Service;

internal enum PartAcceptance
{
    Accepted,

    /// <summary>The same part again: nothing is new.</summary>
    Repeated,

    /// <summary>A part of this number was there, with other bytes.</summary>
    Different,

    /// <summary>A part before it is missing.</summary>
    Gap,

    /// <summary>The stream takes no more parts.</summary>
    Closed,
    NotFound,
    QueueFull,
}

/// <summary>Documents that arrive in parts. What was read of one is in its memory: its text is not kept.</summary>
internal sealed partial class DocumentStore
{
    /// <summary>Begins a stream.</summary>
    public AcceptedDocument Begin(NewDocument stream) => TakeIn(session =>
    {
        if (Known(session, stream.Key, stream.Fingerprint) is { } known)
            return known;
        var id = stream.Id ?? Guid.CreateVersion7().ToString("N");
        if (session.Number("select count(*) from documents where id = $1", id) > 0)
            return new(Acceptance.IdTaken, id);
        if (session.Number("select count(*) from documents where status in (0, 5)") >= _options.MaxQueued)
            return new(Acceptance.QueueFull, id);
        var seq = session.Number("""
            insert into documents (id, kind, status, model, bytes, length_class, traceparent, queued_at) values ($1, 1, 5, $2, 0, 0, $3, $4) returning seq
            """, id, stream.Model, stream.TraceParent, Now);
        _ = session.Run("insert into streams (document, pending, tail, touched_at) values ($1, x'', x'', $2)", seq, Now);
        Keep(session, stream.Key, stream.Fingerprint, id);
        return new(Acceptance.Accepted, id);
    });

    /// <summary>Takes a part of a stream.</summary>
    /// <returns>What became of it, and the number of the part that is expected next.</returns>
    public (PartAcceptance Acceptance, int Next) AddPart(string id, int part, byte[] bytes) => TakeIn(session =>
    {
        var (seq, status, ended) = session.First("select seq, status, ended from documents join streams on document = seq where id = $1",
            row => (row.GetInt64(0), (DocumentStatus)row.GetInt32(1), row.GetBoolean(2)), id);
        if (seq == 0)
            return (PartAcceptance.NotFound, 0);
        var next = (int)session.Number("select coalesce(max(part) + 1, 0) from parts where document = $1", seq);
        var hash = SHA256.HashData(bytes);
        if (part < next)
            return (session.First("select hash from parts where document = $1 and part = $2", row => (byte[])row.GetValue(0), seq, part)!.AsSpan().SequenceEqual(hash) ? PartAcceptance.Repeated : PartAcceptance.Different, next);
        if (ended || status is not (DocumentStatus.Open or DocumentStatus.Queued or DocumentStatus.Running))
            return (PartAcceptance.Closed, next);
        if (part > next)
            return (PartAcceptance.Gap, next);
        if (status == DocumentStatus.Open && Queued(session) >= _options.MaxQueued)
            return (PartAcceptance.QueueFull, next);
        _ = session.Run("insert into parts values ($1, $2, $3, $4, $5)", seq, part, bytes.Length, hash, bytes);
        _ = session.Run("update documents set bytes = bytes + $2, status = iif(status = 5, 0, status) where seq = $1", seq, bytes.Length);
        _ = session.Run("update streams set touched_at = $2 where document = $1", seq, Now);
        return (PartAcceptance.Accepted, next + 1);
    });

    /// <summary>Says that no part comes any more.</summary>
    /// <returns>Whether there is such a stream that had not failed or expired.</returns>
    public bool EndStream(string id) => Write(session =>
    {
        var seq = session.First("update documents set status = iif(status = 5, 0, status) where id = $1 and kind = 1 and status in (0, 1, 2, 5) returning seq", row => row.GetInt64(0), id);
        _ = session.Run("update streams set ended = 1, touched_at = $2 where document = $1", seq, Now);
        return seq > 0;
    });

    /// <summary>What is asked of a stream beside what a document tells.</summary>
    public (int NextPart, bool Ended) Parts(long seq) => Read(session =>
        session.First("select (select coalesce(max(part) + 1, 0) from parts where parts.document = streams.document), ended from streams where document = $1", row => (row.GetInt32(0), row.GetBoolean(1)), seq));

    /// <summary>Begins a feed of a leased stream with all parts that are there, or goes on with the one that was begun.</summary>
    public StreamFeed Feed(Lease lease) => Write(session =>
    {
        _ = session.Run("update streams set feed_until = (select coalesce(max(part) + 1, 0) from parts where parts.document = streams.document) where document = $1 and feed_read = 0", lease.Seq);
        return session.First("""
            select next_part, feed_until, feed_read, ended and feed_until = (select coalesce(max(part) + 1, 0) from parts where parts.document = streams.document), pending, tail
            from streams where document = $1
            """, row => new StreamFeed(row.GetInt32(0), row.GetInt32(1), row.GetInt32(2), row.GetBoolean(3), (byte[])row.GetValue(4), MemoryMarshal.Cast<byte, int>((byte[])row.GetValue(5)).ToArray()), lease.Seq)!;
    });

    /// <summary>Ends a feed that gave no segment to read.</summary>
    /// <param name="lease">The stream's.</param>
    /// <param name="end">What is left over; null: the stream is read to its end, and its last segment is the answer.</param>
    /// <param name="tokens">Content tokens of the stream that are known.</param>
    /// <returns>Whether this process still held it.</returns>
    public bool EndFeed(Lease lease, FeedEnd? end, int tokens) => Write(session =>
    {
        _ = Beat(session);
        if (!IsMine(session, lease))
            return false;
        _ = session.Run("update documents set tokens_total = $2 where seq = $1", lease.Seq, tokens);
        if (end is null)
            Finish(session, lease.Seq);
        else
            Fed(session, lease.Seq, 0, end);
        return true;
    });

    private static void Fed(StoreSession session, long seq, int read, FeedEnd? end)
    {
        if (end is null)
        {
            _ = session.Run("update streams set feed_read = $2 where document = $1", seq, read);
            return;
        }
        _ = session.Run("update streams set feed_read = 0, next_part = $2, pending = $3, tail = $4 where document = $1", seq, end.NextPart, end.Pending, MemoryMarshal.AsBytes<int>(end.Tail).ToArray());
        _ = session.Run("update parts set bytes = null where document = $1 and part < $2", seq, end.NextPart);
        var more = session.Number("select ended or exists (select 1 from parts where parts.document = streams.document and part >= next_part) from streams where document = $1", seq);
        _ = session.Run($"update documents set status = $2, {WithoutOwner} where seq = $1", seq, (int)(more == 1 ? DocumentStatus.Queued : DocumentStatus.Open));
    }

    /// <summary>Ends streams that waited for a part longer than this; what was remembered of them is dropped, and they say so.</summary>
    /// <returns>How many.</returns>
    public int Expire(TimeSpan idle) => Write(session =>
    {
        var late = session.All("select seq from documents join streams on document = seq where status = 5 and touched_at < $1", row => row.GetInt64(0), Now - idle.TotalSeconds);
        foreach (var seq in late)
            Cancel(session, seq, DocumentStatus.Expired);
        return late.Count;
    });
}
