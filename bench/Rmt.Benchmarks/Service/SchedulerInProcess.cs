using Rmt.Adapter;

namespace Rmt.Benchmarks.Service;

/// <summary>The service's model and scheduler with nothing around them but a tokenizer.</summary>
/// <param name="classifier">The model.</param>
/// <param name="texts">What comes next.</param>
internal sealed class SchedulerInProcess(DocumentClassifier classifier, IEnumerator<string> texts) : IDisposable
{
    private const int BatchSize = 8;        // as the service has it by itself

    private readonly SegmentScheduler _scheduler = new(classifier.Model, classifier.Segmenter, BatchSize);

    /// <summary>Reads for so long, with as many documents waiting as the service has.</summary>
    public Speed Read(TimeSpan time) => Measure(time, () =>
    {
        while (_scheduler.Count < MixedLoad.Open)
        {
            _ = texts.MoveNext();
            var ids = classifier.Tokenizer.Encode(texts.Current);
            classifier.Segmenter.KeepContent(ids);
            _ = _scheduler.Add(ids.ToArray());
        }
        return _scheduler.Step().Count;
    });

    /// <summary>Full batches of full segments.</summary>
    public static Speed FullBatches(DocumentClassifier classifier, TimeSpan time)
    {
        using var scheduler = new SegmentScheduler(classifier.Model, classifier.Segmenter, BatchSize);
        var tokens = new int[classifier.Segmenter.Layout.TokensPerSegment * 10_000];
        tokens.AsSpan().Fill(classifier.Segmenter.Layout.Special.Pad!.Value);
        for (var i = 0; i < BatchSize; i++)
            _ = scheduler.Add(tokens);
        return Measure(time, () => scheduler.Step().Count);
    }

    private static Speed Measure(TimeSpan time, Func<int> step)
    {
        _ = step();         // takes memory, wakes threads
        var (clock, segments) = (new SpeedClock(Environment.ProcessId), 0);
        while (clock.Elapsed < time)
            segments += step();
        return clock.Of(segments);
    }

    public void Dispose() => _scheduler.Dispose();
}
