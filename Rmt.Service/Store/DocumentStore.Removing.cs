namespace Rmt.Service;

/// <summary>How documents end otherwise than by an answer.</summary>
internal sealed partial class DocumentStore
{
    /// <summary>Cancels what is not finished, with its text and memory; erases what is.</summary>
    /// <returns>The document as it is now; null where it is gone or never was.</returns>
    public (bool Found, StoredDocument? Now) Remove(string id, DocumentKind kind = DocumentKind.Document)
    {
        var found = Write(session =>
        {
            if (session.First("select seq, status from documents where id = $1 and kind = $2", row => (Seq: row.GetInt64(0), Status: (DocumentStatus)row.GetInt32(1)), id, (int)kind) is not { Seq: > 0 } document)
                return false;
            if (document.Status is DocumentStatus.Queued or DocumentStatus.Running or DocumentStatus.Open)
                Cancel(session, document.Seq, DocumentStatus.Cancelled);
            else
                Erase(session, document.Seq);
            return true;
        });
        var now = found ? Find(id, kind) : null;
        if (found && now is null)
            EmptyLog();
        return (found, now);
    }

    private void Cancel(StoreSession session, long seq, DocumentStatus status)
    {
        _ = session.Run($"update documents set status = $2, finished_at = $3, {WithoutOwner} where seq = $1", seq, (int)status, Now);
        _ = session.Run("delete from memories where document = $1", seq);
        _ = session.Run("delete from parts where document = $1", seq);
    }

    private static void Erase(StoreSession session, long seq)
    {
        _ = session.Run("delete from keys where document = (select id from documents where seq = $1)", seq);
        _ = session.Run("delete from documents where seq = $1", seq);
    }

    /// <summary>Sends a dead letter back to the queue, from its beginning.</summary>
    /// <returns>Whether there was one that can be; a stream's text is not kept.</returns>
    public bool Requeue(string id) => Write(session =>
    {
        var seq = session.First("""
            update documents set status = 0, strikes = 0, alone = 1, run = run + 1, next_segment = 0, model_hash = null, error = null, started_at = null, finished_at = null,
                tokens_total = null, tokens_read = null, segments = null, fence = fence + 1, queued_at = $2
            where id = $1 and status = 3 and kind = 0 returning seq
            """, row => row.GetInt64(0), id, Now);
        _ = session.Run("delete from readings where document = $1", seq);
        return seq > 0;
    });

    /// <summary>Erases what was finished longer ago than this, and gives the room back.</summary>
    /// <returns>Documents and streams erased.</returns>
    public int Purge(TimeSpan retain)
    {
        const int Most = 200;       // of a transaction, so that others wait for moments only
        var all = 0;
        for (var erased = Most; erased == Most; all += erased)
        {
            erased = Write(session =>
            {
                var old = session.All("select seq from documents where finished_at < $1 limit $2", row => row.GetInt64(0), Now - retain.TotalSeconds, Most);
                foreach (var seq in old)
                    Erase(session, seq);
                return old.Count;
            });
        }
        _ = Write(session => session.Run("delete from keys where made_at < $1 and document not in (select id from documents)", Now - retain.TotalSeconds));
        if (all > 0)
        {
            _ = Write(session => session.All("pragma incremental_vacuum(2000)", _ => 0).Count);
            EmptyLog();
        }
        return all;
    }
}
