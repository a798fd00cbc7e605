using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Rmt.Service;

/// <summary>How documents come to a worker, and back.</summary>
internal sealed partial class DocumentStore
{
    private const string WithoutOwner = "owner = null, trying = 0, fence = fence + 1";

    /// <summary>Leases waiting documents, of each length the oldest.</summary>
    /// <param name="models">Those that this process has, by name and hash: it gets no document of another.</param>
    /// <param name="room">How many of each <see cref="LengthClass"/>.</param>
    public IReadOnlyList<Lease> Lease(IReadOnlyDictionary<string, string> models, IReadOnlyList<int> room)
    {
        // Looking takes no lock, and mostly there is nothing.
        var waiting = Read(session => Waiting(session, models, room));
        if (waiting.Count == 0)
            return [];
        return Write(session =>
        {
            _ = Beat(session);
            return Lease(session, waiting);
        });
    }

    private List<Lease> Lease(StoreSession session, List<long> waiting) => waiting.Count == 0 ? [] :
    [
        .. session.All("""
            update documents set status = 1, owner = $1, fence = fence + 1, attempts = attempts + 1, trying = 0, started_at = coalesce(started_at, max(queued_at, $2))
            where status = 0 and seq in (select value from json_each($3))
            returning seq, id, kind, model, model_hash, fence, next_segment, max_tokens, truncate, alone, traceparent, queued_at, attempts, length_class
            """, Leased, _owner, Now, JsonSerializer.Serialize(waiting)).OrderBy(lease => lease.Seq),
    ];

    private static List<long> Waiting(StoreSession session, IReadOnlyDictionary<string, string> models, IReadOnlyList<int> room)
    {
        var (names, hashes) = (JsonSerializer.Serialize(models.Keys), JsonSerializer.Serialize(models.Values));
        var waiting = new List<long>();
        for (var length = 0; length < room.Count; length++)
        {
            if (room[length] > 0)
                waiting.AddRange(session.All("""
                    select seq from documents where status = 0 and length_class = $1
                        and (model_hash in (select value from json_each($2)) or (model_hash is null and model in (select value from json_each($3)))) order by seq limit $4
                    """, row => row.GetInt64(0), length, hashes, names, room[length]));
        }
        return waiting;
    }

    private static Lease Leased(SqliteDataReader row) => new()
    {
        Seq = row.GetInt64(0),
        Id = row.GetString(1),
        Kind = (DocumentKind)row.GetInt32(2),
        Model = row.GetString(3),
        ModelHash = row.IsDBNull(4) ? null : row.GetString(4),
        Fence = row.GetInt64(5),
        NextSegment = row.GetInt32(6),
        MaxTokens = row.IsDBNull(7) ? null : row.GetInt32(7),
        Truncate = row.IsDBNull(8) ? null : row.GetString(8),
        Alone = row.GetBoolean(9),
        TraceParent = row.IsDBNull(10) ? null : row.GetString(10),
        QueuedAt = row.GetDouble(11),
        Attempts = row.GetInt32(12),
        Length = row.GetInt32(13),
    };

    /// <summary>The text of a leased document, or the parts of a feed.</summary>
    public byte[] Text(Lease lease, int from = 0, int until = int.MaxValue) => Read(session =>
    {
        var parts = session.All("select bytes from parts where document = $1 and part >= $2 and part < $3 order by part", row => (byte[])row.GetValue(0), lease.Seq, from, until);
        return parts is [var only] ? only : [.. parts.SelectMany(part => part)];
    });

    /// <summary>What was remembered of a leased document; empty before its first segment.</summary>
    public float[] Memory(Lease lease) =>
        Read(session => session.First("select memory from memories where document = $1", row => MemoryMarshal.Cast<byte, float>((byte[])row.GetValue(0)).ToArray(), lease.Seq)) ?? [];

    /// <summary>Marks those whose first segment of this attempt is about to be read: if the process does not survive it, they are suspected.</summary>
    /// <returns>Those that somebody else has by now, or that were cancelled.</returns>
    public IReadOnlyList<Lease> Try(IEnumerable<Lease> leases) => Write(session =>
    {
        _ = Beat(session);
        return leases.Where(lease => session.Run("update documents set trying = 1 where seq = $1 and fence = $2 and owner = $3", lease.Seq, lease.Fence, _owner) == 0).ToList();
    });

    /// <summary>Gives documents back as if they had not been leased: none of them is to blame.</summary>
    /// <returns>How many were this process's.</returns>
    public int GiveBack(IEnumerable<Lease> leases) => Write(session =>
    {
        var mine = leases.Where(lease => IsMine(session, lease)).ToList();
        foreach (var lease in mine)
            Free(session, lease.Seq);
        return mine.Count;
    });

    /// <summary>Ends an attempt that failed. It counts if it committed no segment; after too many such in a row the document is a dead letter.</summary>
    /// <returns>Whether it is one now.</returns>
    public bool Strike(Lease lease, string error) => Write(session => IsMine(session, lease) && Strike(session, lease.Seq, error));

    /// <summary>Makes a document a dead letter: another attempt would end no better.</summary>
    /// <returns>Whether it was this process's.</returns>
    public bool Fail(Lease lease, string error) => Write(session =>
    {
        var mine = IsMine(session, lease);
        if (mine)
            Fail(session, lease.Seq, error);
        return mine;
    });

    private bool IsMine(StoreSession session, Lease lease) =>
        session.Number("select count(*) from documents where seq = $1 and fence = $2 and owner = $3", lease.Seq, lease.Fence, _owner) == 1;

    private static void Free(StoreSession session, long seq) => session.Run($"update documents set status = 0, {WithoutOwner} where seq = $1", seq);

    private bool Strike(StoreSession session, long seq, string error)
    {
        var strikes = session.Number($"update documents set status = 0, strikes = strikes + trying, alone = 1, {WithoutOwner} where seq = $1 returning strikes", seq);
        if (strikes < _options.MaxAttempts)
            return false;
        Fail(session, seq, $"{error}; tried {strikes} times in a row");
        return true;
    }

    private void Fail(StoreSession session, long seq, string error)
    {
        _ = session.Run($"update documents set status = 3, error = $2, finished_at = $3, {WithoutOwner} where seq = $1", seq, error, Now);
        _ = session.Run("delete from memories where document = $1", seq);
    }
}
