using Rmt.Adapter;

namespace Rmt.Service;

/// <summary>The documents that this process holds: leased, opened and given to the scheduler of their model as there is room, until they are let go. Belongs to the thread of
/// <see cref="WorkLoop"/>.</summary>
internal sealed class HeldDocuments(DocumentStore store, IReadOnlyList<LoadedModel> models, ServiceMetrics metrics, WorkReport report, StoreInsistence keeping)
{
    private readonly Dictionary<string, string> _names = models.ToDictionary(model => model.Name, model => model.Hash);
    private readonly DocumentOpening _opening = new(store, metrics);
    private readonly List<OpenDocument> _open = [];
    private readonly Queue<OpenDocument> _suspects = [];
    private Task _nothingSince = Task.CompletedTask;      // documents were leased with the last step; ends when this process has changed something after that

    /// <summary>How many there are.</summary>
    public int Count => _open.Count + _opening.Count;

    /// <summary>Whether one is on its way from text to tokens.</summary>
    public bool AreOpening => _opening.Count > 0;

    /// <summary>Takes what there is room for.</summary>
    public void Take()
    {
        if (_nothingSince.IsCompleted || Count == 0)
            Begin(store.Lease(_names, Room(_open)));
        _nothingSince = Task.CompletedTask;
        foreach (var opened in _opening.Done(wait: _open.Count == 0))
            Take(opened);
    }

    /// <summary>Keeps what was read of documents, and leases what there will be room for: one transaction, so that the disk is waited for once.</summary>
    /// <param name="segments">What was read.</param>
    /// <param name="ending">Those that are let go when this is kept.</param>
    /// <returns>Of each segment whether it was kept.</returns>
    public bool[] Keep(IReadOnlyList<SegmentCommit> segments, IEnumerable<OpenDocument> ending)
    {
        var room = Room(_open.Except(ending));
        var (kept, leases) = keeping.Insist(() => store.Commit(segments, _names, room));
        Begin(leases);
        _nothingSince = store.Changed;
        return kept;
    }

    private int[] Room(IEnumerable<OpenDocument> open)
    {
        var room = new int[LengthClass.Count];
        room.AsSpan().Fill(models.Max(model => model.Scheduler.BatchSize));
        foreach (var length in open.Select(document => document.Length).Concat(_opening.Lengths))
            room[length]--;
        return room;
    }

    private void Begin(IReadOnlyList<Lease> leases)
    {
        foreach (var lease in leases)
        {
            metrics.Redelivered.Add(lease.Attempts > 1 ? 1 : 0);
            _opening.Begin(lease, models.First(model => lease.ModelHash is { } hash ? model.Hash == hash : model.Name == lease.Model));
        }
    }

    /// <summary>The next document that is read alone, given to its scheduler; null where there is none.</summary>
    public OpenDocument? NextSuspect()
    {
        if (!_suspects.TryDequeue(out var suspect))
            return null;
        Join(suspect);
        return suspect;
    }

    private void Take(OpeningDocument opened)
    {
        if (opened.Document is not { } document)
        {
            if (opened.Error is { } error)
                GiveUp(opened.Lease, error);
            else
                _ = keeping.Insist(() => store.GiveBack([opened.Lease]));
            return;
        }
        if (document.Tokens.IsNothing(document.Lease))
        {
            _ = keeping.Insist(() => store.EndFeed(document.Lease, document.Tokens.FeedEnd, document.Tokens.Total));
            document.Activity?.Dispose();
            return;
        }
        _open.Add(document);
        if (document.Lease.Alone)
            _suspects.Enqueue(document);
        else
            Join(document);
    }

    private static void Join(OpenDocument document)
    {
        var (feed, lease) = (document.Tokens.Feed, document.Lease);
        var from = new ReadingState(feed?.FeedRead ?? lease.NextSegment, document.Memory);
        document.Reading = document.Model.Scheduler.Add(document.Tokens.Content, from, document, feed is null ? null : document.Model.FromTheLeft);
    }

    /// <summary>Fails a document for good and says so.</summary>
    public void GiveUp(Lease lease, string error)
    {
        _ = keeping.Insist(() => store.Fail(lease, error));
        report.GivenUp(lease, error);
    }

    /// <summary>Lets go of a document that somebody else has by now.</summary>
    public void Lose(OpenDocument document)
    {
        report.Lost(document.Lease);
        Close(document);
    }

    /// <summary>Lets go of a document.</summary>
    public void Close(OpenDocument document)
    {
        _ = _open.Remove(document);
        if (document.Reading is { } reading)
            document.Model.Scheduler.Remove(reading);
        document.Activity?.Dispose();
    }

    /// <summary>Gives everything back.</summary>
    public void PutDown()
    {
        var leases = _open.Select(document => document.Lease).Concat(_opening.GiveUp()).ToList();
        foreach (var document in _open.ToList())
            Close(document);
        _suspects.Clear();
        if (leases.Count > 0)
            _ = store.GiveBack(leases);
    }
}
