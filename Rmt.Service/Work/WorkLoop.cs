using System.Diagnostics;
using Rmt.Adapter;

namespace Rmt.Service;

/// <summary>Leases documents, reads a segment each of some, keeps what was read, and again. Belongs to one thread.</summary>
internal sealed class WorkLoop(DocumentStore store, IReadOnlyList<LoadedModel> models, ServiceMetrics metrics, WorkReport report, StoreInsistence keeping)
{
    private readonly Dictionary<string, string> _names = models.ToDictionary(model => model.Name, model => model.Hash);
    private readonly DocumentOpening _opening = new(store, metrics);
    private readonly List<OpenDocument> _open = [];
    private readonly Queue<OpenDocument> _suspects = [];
    private int _next;

    /// <summary>Documents that this process holds.</summary>
    public int Held => _open.Count + _opening.Count;

    /// <summary>One turn: takes what there is room for and makes one step of one model.</summary>
    /// <returns>False where there was nothing to read.</returns>
    /// <exception cref="StoreUnavailableException">Nothing is lost: the turn can be made again.</exception>
    public bool Turn()
    {
        Take();
        if (_suspects.TryDequeue(out var suspect))
        {
            Join(suspect);
            Step(suspect.Model, [suspect.Reading!]);
            return true;
        }
        for (var i = 0; i < models.Count; i++)
        {
            var model = models[_next++ % models.Count];
            if (model.Scheduler.Count == 0)
                continue;
            Step(model, model.Scheduler.Choose());
            return true;
        }
        return _opening.Count > 0;
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

    private void Take()
    {
        var room = new int[LengthClass.Count];
        room.AsSpan().Fill(models.Max(model => model.Scheduler.BatchSize));
        foreach (var length in _open.Select(document => document.Length).Concat(_opening.Lengths))
            room[length]--;
        foreach (var lease in store.Lease(_names, room))
        {
            metrics.Redelivered.Add(lease.Attempts > 1 ? 1 : 0);
            _opening.Begin(lease, models.First(model => lease.ModelHash is { } hash ? model.Hash == hash : model.Name == lease.Model));
        }
        foreach (var opened in _opening.Done(wait: _open.Count == 0))
            Take(opened);
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

    private void Step(LoadedModel model, IReadOnlyList<ReadDocument> chosen)
    {
        var documents = chosen.Select(document => (OpenDocument)document.Tag!).ToList();
        if (!Try(documents))
            return;
        try
        {
            Keep(Read(model, chosen));
        }
        catch (Exception error) when (error is not StoreUnavailableException)
        {
            if (chosen.Count > 1)
                report.StepFailed(chosen.Count, error);
            StepAlone(model, documents, error);
        }
    }

    // A native error says nothing of whose it is. Whoever can be read alone is read; if the model reads nothing at all any more, nobody is to blame.
    private void StepAlone(LoadedModel model, List<OpenDocument> documents, Exception error)
    {
        var culprits = new List<(OpenDocument Document, Exception Error)>();
        if (documents is [var only])
            culprits.Add((only, error));
        else
        {
            foreach (var document in documents)
            {
                try
                {
                    Keep(Read(model, [document.Reading!]));
                }
                catch (Exception alone) when (alone is not StoreUnavailableException)
                {
                    culprits.Add((document, alone));
                }
            }
        }
        if (culprits.Count > 0)
            model.Probe();
        foreach (var (document, alone) in culprits)
        {
            report.AttemptFailed(document, alone);
            Close(document);
            if (keeping.Insist(() => store.Strike(document.Lease, WorkReport.FirstLine(alone))))
                report.GivenUp(document.Lease, WorkReport.FirstLine(alone));
        }
    }

    // Before the first segment of an attempt the store is told, so that a document that ends the process is found.
    private bool Try(List<OpenDocument> documents)
    {
        var first = documents.Where(document => !document.IsTried).ToList();
        if (first.Count == 0)
            return true;
        var lost = keeping.Insist(() => store.Try(first.Select(document => document.Lease)));
        foreach (var document in first)
            document.IsTried = true;
        foreach (var document in first.Where(document => lost.Contains(document.Lease)))
            Lose(document);
        return lost.Count == 0;     // else others are chosen
    }

    private IReadOnlyList<SegmentReading> Read(LoadedModel model, IReadOnlyList<ReadDocument> chosen)
    {
        var begun = Stopwatch.GetTimestamp();
        var readings = model.Scheduler.Step(chosen);
        report.Read(readings, begun);
        return readings;
    }

    private void Keep(IReadOnlyList<SegmentReading> readings)
    {
        var read = readings.Select(reading => (Document: (OpenDocument)reading.Document.Tag!, Reading: reading, Prediction: new Prediction(((OpenDocument)reading.Document.Tag!).Model.Labels, reading.Logits))).ToList();
        foreach (var (document, _, _) in read.Where(one => !double.IsFinite(one.Prediction.Score)))
        {
            const string Error = "the model's scores are not numbers: its weights, or its number type, are at fault";
            Close(document);
            GiveUp(document.Lease, Error);
        }
        _ = read.RemoveAll(one => !double.IsFinite(one.Prediction.Score));
        var commits = read.Select(one => one.Document.Commit(one.Reading, [.. one.Prediction.Scores.Select(score => score.Value)])).ToList();
        var kept = Commit(commits);
        for (var i = 0; i < read.Count; i++)
        {
            if (!kept[i])
                Lose(read[i].Document);
            else if (commits[i].IsAnswer)
                Answer(read[i].Document, read[i].Prediction, commits[i]);
            else if (read[i].Reading.IsLast)
                Close(read[i].Document);        // the end of a feed
        }
    }

    private IReadOnlyList<bool> Commit(List<SegmentCommit> commits)
    {
        var begun = Stopwatch.GetTimestamp();
        var kept = keeping.Insist(() => store.Commit(commits));
        report.Kept(kept, begun);
        return kept;
    }

    private void Answer(OpenDocument document, Prediction prediction, SegmentCommit last)
    {
        Close(document);
        report.Answered(document, prediction, last);
    }

    private void GiveUp(Lease lease, string error)
    {
        _ = keeping.Insist(() => store.Fail(lease, error));
        report.GivenUp(lease, error);
    }

    private void Lose(OpenDocument document)
    {
        report.Lost(document.Lease);
        Close(document);
    }

    private void Close(OpenDocument document)
    {
        _ = _open.Remove(document);
        if (document.Reading is { } reading)
            document.Model.Scheduler.Remove(reading);
        document.Activity?.Dispose();
    }
}
