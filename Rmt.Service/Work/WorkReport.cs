using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Rmt.Adapter;

namespace Rmt.Service;

/// <summary>What the worker did, counted and logged.</summary>
internal sealed class WorkReport(DocumentStore store, ServiceMetrics metrics, ILogger log)
{
    /// <param name="readings">A step of the model.</param>
    /// <param name="begun">Timestamp.</param>
    public void Read(IReadOnlyList<SegmentReading> readings, long begun)
    {
        metrics.StepSeconds.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds);
        metrics.BatchStreams.Record(readings.Count);
        metrics.BatchTokens.Record(readings.Sum(Tokens));
    }

    private static int Tokens(SegmentReading reading) => reading.Document.Segments[reading.Segment].GetOffsetAndLength(reading.Document.Tokens.Length).Length;

    /// <param name="kept">Of each segment of a step whether the store took it.</param>
    /// <param name="begun">Timestamp.</param>
    public void Kept(IReadOnlyList<bool> kept, long begun)
    {
        metrics.CommitSeconds.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds);
        metrics.Segments.Add(kept.Count(one => one));
    }

    public void Answered(OpenDocument document, Prediction prediction, SegmentCommit last)
    {
        var total = Math.Max(0, store.Now - document.Lease.QueuedAt);
        metrics.Finished.Add(1, ServiceMetrics.Tag("outcome", "done"));
        metrics.RunSeconds.Record(Stopwatch.GetElapsedTime(document.Begun).TotalSeconds);
        metrics.TotalSeconds.Record(total);
        metrics.Tokens.Record(last.TokensTotal);
        log.Answered(document.Lease.Id, prediction.Label, last.Segments, last.TokensTotal, total, document.Lease.Trace);
    }

    public void StepFailed(int documents, Exception error) => log.StepFailed(documents, FirstLine(error));

    public void AttemptFailed(OpenDocument document, Exception error) =>
        log.AttemptFailed(document.Lease.Id, document.Lease.Attempts, document.Reading!.SegmentsRead, FirstLine(error), document.Lease.Trace);

    /// <summary>It is a dead letter now.</summary>
    public void GivenUp(Lease lease, string error)
    {
        metrics.DeadLetters.Add(1);
        metrics.Finished.Add(1, ServiceMetrics.Tag("outcome", "failed"));
        log.GivenUp(lease.Id, error, lease.Trace);
    }

    /// <summary>Somebody else has it by now.</summary>
    public void Lost(Lease lease)
    {
        metrics.Fenced.Add(1);
        log.Lost(lease.Id);
    }

    public static string FirstLine(Exception error) => error.Message.Split('\n')[0].TrimEnd();
}
