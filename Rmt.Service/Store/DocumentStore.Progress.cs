using System.Runtime.InteropServices;

namespace Rmt.Service;

/// <summary>What is kept of a step.</summary>
internal sealed partial class DocumentStore
{
    /// <summary>Keeps what a step read and leases documents for the room that it leaves, in one transaction. A segment of a document that somebody else has by now, or that was
    /// cancelled, is dropped.</summary>
    /// <param name="segments">What was read.</param>
    /// <param name="models">Those that this process has, by name and hash: it gets no document of another.</param>
    /// <param name="room">How many of each <see cref="LengthClass"/>.</param>
    /// <returns>Of each segment whether it was kept, and the leases.</returns>
    public (bool[] Kept, IReadOnlyList<Lease> Leases) Commit(IReadOnlyList<SegmentCommit> segments, IReadOnlyDictionary<string, string> models, IReadOnlyList<int> room) => Write(session =>
    {
        _ = Beat(session);
        var kept = segments.Select(segment => Commit(session, segment)).ToArray();
        return (kept, (IReadOnlyList<Lease>)Lease(session, Waiting(session, models, room)));
    });

    private bool Commit(StoreSession session, SegmentCommit segment)
    {
        var (seq, fence) = (segment.Lease.Seq, segment.Lease.Fence);
        if (session.Run("""
            update documents set next_segment = $4 + 1, model_hash = $5, tokens_total = $6, tokens_read = $7, segments = $8, strikes = 0, trying = 0, alone = 0
            where seq = $1 and fence = $2 and owner = $3 and next_segment = $4
            """, seq, fence, _owner, segment.Segment, segment.ModelHash, segment.TokensTotal, segment.TokensRead, segment.Segments) == 0)
            return false;
        _ = session.Run("insert into readings values ($1, $2, $3)", seq, segment.Segment, MemoryMarshal.AsBytes<double>(segment.Scores).ToArray());
        if (segment.IsAnswer)
        {
            Finish(session, seq);
            return true;
        }
        _ = session.Run("insert into memories values ($1, $2) on conflict do update set memory = $2", seq, MemoryMarshal.AsBytes<float>(segment.Memory).ToArray());
        if (segment.Lease.Kind == DocumentKind.Stream)
            Fed(session, seq, segment.FeedSegment + 1, segment.FeedEnd);
        return true;
    }

    private void Finish(StoreSession session, long seq)
    {
        _ = session.Run($"update documents set status = 2, finished_at = max($2, started_at), {WithoutOwner} where seq = $1", seq, Now);
        _ = session.Run("delete from memories where document = $1", seq);
        _ = session.Run("update streams set pending = x'', tail = x'' where document = $1", seq);
        _ = session.Run("update parts set bytes = null where document in (select document from streams where document = $1)", seq);
    }
}
