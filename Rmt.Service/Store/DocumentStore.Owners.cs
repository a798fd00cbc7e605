namespace Rmt.Service;

/// <summary>Who holds documents, and when what they hold is taken from them.</summary>
internal sealed partial class DocumentStore
{
    private readonly Dictionary<string, (long Beat, long Since)> _seen = [];
    private OwnerLock _lock = null!;
    private string _owner;

    /// <summary>This process, until others take it for dead.</summary>
    public string Owner => _owner;

    private static string NewOwner() => Guid.NewGuid().ToString("N");

    private void Register()
    {
        _lock = new(_options.Path, _owner);
        _ = Write(session =>
        {
            var others = session.All("select id from owners", row => row.GetString(0)).Where(id => !OwnerLock.IsDead(_options.Path, id)).ToList();
            _clock.Begin(session, alone: others.Count == 0);
            return session.Run("insert into owners values ($1, 0)", _owner);
        });
    }

    /// <summary>Takes documents from owners whose process has ended, or who have done nothing for the lease time of this process's stopwatch.</summary>
    /// <returns>Documents that are free again or became dead letters.</returns>
    public int TakeFromTheDead()
    {
        var others = Read(session => session.All("select id, beat from owners where id <> $1", row => (Id: row.GetString(0), Beat: row.GetInt64(1)), _owner));
        var now = _time.GetTimestamp();
        foreach (var gone in _seen.Keys.Except(others.Select(other => other.Id)).ToList())
            _ = _seen.Remove(gone);
        var taken = 0;
        foreach (var (id, beat) in others)
        {
            if (!_seen.TryGetValue(id, out var seen) || seen.Beat != beat)
                _seen[id] = seen = (beat, now);
            if (OwnerLock.IsDead(_options.Path, id) || (_time.GetElapsedTime(seen.Since, now) > _options.LeaseTime && Holds(id)))
                taken += TakeFrom(id, beat);
        }
        return taken;
    }

    private bool Holds(string owner) => Read(session => session.Number("select count(*) from documents where owner = $1", owner)) > 0;

    private int TakeFrom(string owner, long beat) => Write(session =>
    {
        if (session.Run("delete from owners where id = $1 and beat = $2", owner, beat) == 0)
            return 0;       // it moved after all, or somebody else was first
        var held = session.All("select seq, trying from documents where owner = $1", row => (Seq: row.GetInt64(0), Trying: row.GetBoolean(1)), owner);
        foreach (var (seq, trying) in held)
        {
            if (trying)
                _ = Strike(session, seq, "the process that read it ended, or stood still, before the segment was read");
            else
                Free(session, seq);
        }
        return held.Count;
    });

    // Proof of life, in the transaction of what was done. False where others took this owner for dead: it then holds nothing and begins anew.
    private bool Beat(StoreSession session)
    {
        if (session.Run("update owners set beat = beat + 1 where id = $1", _owner) == 1)
            return true;
        _lock.Dispose();
        _owner = NewOwner();
        _lock = new(_options.Path, _owner);
        _ = session.Run("insert into owners values ($1, 0)", _owner);
        return false;
    }

    /// <summary>Says that this process lives, while it has documents and commits nothing.</summary>
    public bool Beat() => Write(Beat);
}
