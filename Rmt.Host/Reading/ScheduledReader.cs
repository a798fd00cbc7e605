using Rmt.Adapter;

namespace Rmt.Host.Reading;

/// <summary>A classifier behind the scheduler that keeps every batch full.</summary>
/// <param name="classifier">Disposed with the reader.</param>
/// <param name="batch">Most documents a step reads.</param>
internal sealed class ScheduledReader(DocumentClassifier classifier, int batch) : IDocumentReader
{
    private readonly SegmentScheduler _scheduler = new(classifier.Model, classifier.Segmenter, batch) { AnswersOnly = true };

    public ITokenizer Tokenizer => classifier.Tokenizer;

    public int Waiting => _scheduler.Count;

    public int Add(int document, ReadOnlyMemory<int> tokens) => _scheduler.Add(tokens, document).Segments.Count;

    public IReadOnlyList<Reading> Step() =>
        [.. _scheduler.Step().Select(reading => new Reading((int)reading.Document.Tag!, reading.IsLast, reading.IsLast ? new(classifier.Labels, reading.Logits) : null))];

    public void Dispose()
    {
        _scheduler.Dispose();
        classifier.Dispose();
    }
}
