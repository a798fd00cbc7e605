namespace Rmt.Service;

/// <summary>The time of a store, in Unix seconds: the same for all processes on it, whatever their clocks say.</summary>
/// <remarks>SQLite has no clock of its own, it asks its process. So time is a number in the store, which whoever is there moves on by what has passed on its
/// own stopwatch; where several are there, one of them at a time. A wall clock is asked only when a store is made, and when a process finds itself alone on it:
/// for the time nobody was there.</remarks>
internal sealed class StoreClock(TimeProvider time)
{
    private Seen _seen = new(0, 0, 0);

    /// <summary>What the store's time should be by now.</summary>
    public double Now => _seen.Seconds + time.GetElapsedTime(_seen.At).TotalSeconds;

    /// <summary>Makes the number in a new store; reads it in one that is there, adding the time that nobody saw where nobody else is there.</summary>
    public void Begin(StoreSession session, bool alone)
    {
        var wall = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        _ = session.Run("insert into store values (1, $1, 0) on conflict do nothing", wall);
        if (alone)
            _ = session.Run("update store set seconds = max(seconds, $1), ticks = ticks + 1", wall);
        See(session);
    }

    /// <summary>Moves the store's time on, unless somebody else did since this process looked last.</summary>
    public void Tick(StoreSession session)
    {
        _ = session.Run("update store set seconds = max(seconds, $1), ticks = ticks + 1 where ticks = $2", Now, _seen.Ticks);
        See(session);
    }

    private void See(StoreSession session)
    {
        var at = time.GetTimestamp();
        _seen = session.First("select seconds, ticks from store", row => new Seen(row.GetDouble(0), at, row.GetInt64(1)))!;
    }

    private sealed record Seen(double Seconds, long At, long Ticks);
}
