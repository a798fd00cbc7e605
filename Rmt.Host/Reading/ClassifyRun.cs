using Rmt.Adapter;
using Rmt.Host.Input;
using Rmt.Host.Output;

namespace Rmt.Host.Reading;

/// <summary>Documents in, records out in the same order. As many documents are begun as keep every step of the model full.</summary>
internal sealed class ClassifyRun(IDocumentReader reader, int batch, int threads, Truncation? truncation, TimeProvider clock, Progress progress, QuestionNotice? questions = null)
{
    // The scheduler fills its batches from this many documents; their token ids are held, four bytes each.
    private readonly int _mostBegun = 4 * batch;

    // Records that wait for an earlier document are small, but a million short documents behind a long one are too many.
    private const int MostWaitingRecords = 10_000;

    private readonly Dictionary<int, OpenDocument> _open = [];
    private int _count;

    /// <exception cref="OperationCanceledException">After the records of all documents that are read.</exception>
    public IEnumerable<IRecord> Classify(IEnumerable<DocumentSource> documents, CancellationToken cancellation)
    {
        using var sources = documents.GetEnumerator();
        var waiting = new Queue<OpenDocument>();   // in the order of the input
        var more = true;
        while (true)
        {
            while (more && !cancellation.IsCancellationRequested && reader.Waiting < _mostBegun && waiting.Count < MostWaitingRecords)
            {
                if (more = sources.MoveNext())
                    waiting.Enqueue(Begin(sources.Current, cancellation));
                progress.Show();
            }
            while (waiting.TryPeek(out var first) && first.Record is not null)
                yield return waiting.Dequeue().Record!;

            if (cancellation.IsCancellationRequested)
            {
                foreach (var record in waiting.Select(document => document.Record).OfType<IRecord>())
                    yield return record;
                throw new OperationCanceledException(cancellation);
            }
            if (!more && waiting.Count == 0)
                yield break;
            if (reader.Waiting > 0)
                Step();
        }
    }

    private OpenDocument Begin(DocumentSource source, CancellationToken cancellation)
    {
        var document = new OpenDocument(source.Name);
        var begun = clock.GetTimestamp();
        try
        {
            var content = new ContentTokens(reader.Tokenizer.Special);
            foreach (var ids in Tokens.Of(source, reader.Tokenizer, threads, cancellation))
                content.Take(ids);
            cancellation.ThrowIfCancellationRequested();
            var kept = content.Keep(truncation);
            (document.TokensTotal, document.TokensRead) = (content.Count, kept.Length);
            questions?.See(source.Name, kept.Span);
            document.Segments = reader.Add(_count, kept);
            _open.Add(_count++, document);
            progress.DocumentBegun(document.Segments);
            document.Time = clock.GetElapsedTime(begun);
        }
        catch (OperationCanceledException)
        {
            // Cut off somewhere: it has no record. Those before it have, and are given out before the run ends.
        }
        catch (Exception error) when (DocumentSource.IsUnreadable(error))
        {
            document.Record = new FailureRecord(source.Name, error.Message);
            progress.DocumentFailed();
        }
        return document;
    }

    private void Step()
    {
        var begun = clock.GetTimestamp();
        var readings = reader.Step();
        var share = clock.GetElapsedTime(begun) / Math.Max(1, readings.Count);
        foreach (var reading in readings)
        {
            var document = _open[reading.Document];
            document.Time += share;
            progress.SegmentRead();
            if (!reading.IsLast)
                continue;
            _ = _open.Remove(reading.Document);
            document.Record = document.Answer(reading.Prediction!);
            if (document.Record is FailureRecord)
                progress.DocumentFailed();
            else
                progress.DocumentDone();
        }
        progress.Show();
    }

    private sealed class OpenDocument(string source)
    {
        public long TokensTotal { get; set; }
        public long TokensRead { get; set; }
        public int Segments { get; set; }

        /// <summary>Its tokens' making, and its share of each step it took part in.</summary>
        public TimeSpan Time { get; set; }

        public IRecord? Record { get; set; }

        public IRecord Answer(Prediction prediction) => !double.IsFinite(prediction.Score)
            ? new FailureRecord(source, "the model's scores are not numbers: its weights, or --dtype, are at fault")
            : new ClassifyRecord(source, prediction.Label, prediction.Score, new Dictionary<string, double>(prediction.Scores),
                TokensTotal, TokensRead, Segments, TokensRead < TokensTotal, Math.Round(Time.TotalSeconds, 4));
    }
}
