using System.Diagnostics;
using Rmt.Adapter;

namespace Rmt.Service;

/// <summary>Takes documents, reads a segment each of some, keeps what was read, and again. Belongs to one thread.</summary>
internal sealed class WorkLoop(DocumentStore store, IReadOnlyList<LoadedModel> models, ServiceMetrics metrics, WorkReport report, StoreInsistence keeping)
{
    private readonly HeldDocuments _held = new(store, models, metrics, report, keeping);
    private int _next;

    /// <summary>Documents that this process holds.</summary>
    public int Held => _held.Count;

    /// <summary>One turn: takes what there is room for and makes one step of one model.</summary>
    /// <returns>False where there was nothing to read.</returns>
    /// <exception cref="StoreUnavailableException">Nothing is lost: the turn can be made again.</exception>
    public bool Turn()
    {
        _held.Take();
        if (_held.NextSuspect() is { } suspect)
        {
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
        return _held.AreOpening;
    }

    /// <summary>Gives everything back.</summary>
    public void PutDown() => _held.PutDown();

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
            _held.Close(document);
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
            _held.Lose(document);
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
            _held.Close(document);
            _held.GiveUp(document.Lease, Error);
        }
        _ = read.RemoveAll(one => !double.IsFinite(one.Prediction.Score));
        var commits = read.Select(one => one.Document.Commit(one.Reading, [.. one.Prediction.Scores.Select(score => score.Value)])).ToList();
        var kept = Commit(commits, read.Where(one => one.Reading.IsLast).Select(one => one.Document));
        for (var i = 0; i < read.Count; i++)
        {
            if (!kept[i])
                _held.Lose(read[i].Document);
            else if (commits[i].IsAnswer)
                Answer(read[i].Document, read[i].Prediction, commits[i]);
            else if (read[i].Reading.IsLast)
                _held.Close(read[i].Document);        // the end of a feed
        }
    }

    private bool[] Commit(List<SegmentCommit> commits, IEnumerable<OpenDocument> ending)
    {
        var begun = Stopwatch.GetTimestamp();
        var kept = _held.Keep(commits, ending);
        report.Kept(kept, begun);
        return kept;
    }

    private void Answer(OpenDocument document, Prediction prediction, SegmentCommit last)
    {
        _held.Close(document);
        report.Answered(document, prediction, last);
    }
}
