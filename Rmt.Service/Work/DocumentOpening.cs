using System.Diagnostics;

namespace Rmt.Service;

/// <summary>A leased document whose text was turned into tokens, or why it was not; neither where the store could not be read, so that it goes back.</summary>
internal sealed record OpeningDocument(Lease Lease, OpenDocument? Document, string? Error);

/// <summary>Leased documents to tokens, beside the worker's thread. Short ones are waited for, which takes less than a thousandth of a step: so they are in the next one.</summary>
internal sealed class DocumentOpening(DocumentStore store, ServiceMetrics metrics)
{
    private readonly List<(Lease Lease, int Length, Task<OpeningDocument> Work)> _opening = [];

    public int Count => _opening.Count;

    /// <summary>The <see cref="LengthClass"/> of each.</summary>
    public IEnumerable<int> Lengths => _opening.Select(one => one.Length);

    public void Begin(Lease lease, LoadedModel model)
    {
        if (lease.Attempts == 1)
            metrics.QueueSeconds.Record(Math.Max(0, store.Now - lease.QueuedAt));
        _opening.Add((lease, lease.Length, Task.Run(() => Open(lease, model))));
    }

    /// <summary>Those that are done, and takes them away.</summary>
    /// <param name="wait">Whether to wait for one, however long it is.</param>
    public IReadOnlyList<OpeningDocument> Done(bool wait)
    {
        Task.WaitAll([.. _opening.Where(one => one.Length == LengthClass.Short).Select(one => one.Work)]);
        if (wait && _opening.Count > 0)
            _ = Task.WaitAny([.. _opening.Select(one => one.Work)]);
        var done = _opening.Where(one => one.Work.IsCompleted).ToList();
        _ = _opening.RemoveAll(one => done.Contains(one));
        return [.. done.Select(one => one.Work.GetAwaiter().GetResult())];
    }

    /// <summary>Leaves all.</summary>
    public IReadOnlyList<Lease> GiveUp()
    {
        var leases = _opening.Select(one => one.Lease).ToList();
        _opening.Clear();
        return leases;
    }

    private OpeningDocument Open(Lease lease, LoadedModel model)
    {
        try
        {
            return new(lease, new(lease, model) { Tokens = Tokens(lease, model), Memory = lease.NextSegment > 0 ? store.Memory(lease) : [], Activity = Start(lease) }, null);
        }
        catch (StoreUnavailableException)
        {
            return new(lease, null, null);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return new(lease, null, error.Message);
        }
    }

    private DocumentTokens Tokens(Lease lease, LoadedModel model)
    {
        if (lease.Kind == DocumentKind.Document)
            return DocumentTokens.Of(lease, store.Text(lease), model);
        var feed = store.Feed(lease);
        return DocumentTokens.Of(lease, feed, store.Text(lease, feed.NextPart, feed.FeedUntil), model);
    }

    // Under the request that brought it, whichever process took that.
    private Activity? Start(Lease lease)
    {
        _ = ActivityContext.TryParse(lease.TraceParent, null, isRemote: true, out var parent);
        var activity = metrics.Activities.StartActivity("rmt.read", ActivityKind.Consumer, parent);
        return activity?.SetTag("rmt.document", lease.Id).SetTag("rmt.model", lease.Model).SetTag("rmt.attempt", lease.Attempts);
    }
}
