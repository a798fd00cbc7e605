using System.Globalization;
using Rmt.Adapter;
using Rmt.Loaders;

namespace Rmt.Benchmarks.Service;

/// <summary>The service's model and scheduler with nothing around them but a tokenizer, in a process of its own that <see cref="Side"/> started: it has the threads that the
/// service has, and sleeps while the service is measured.</summary>
internal sealed class SchedulerSide : IDisposable
{
    public const string Work = "scheduler";

    private const int BatchSize = 8;        // as the service has it by itself

    private readonly SegmentScheduler _mixed;
    private readonly SegmentScheduler _full;
    private readonly DocumentClassifier _classifier;
    private readonly IEnumerator<string> _texts;

    private SchedulerSide(DocumentClassifier classifier, IEnumerator<string> texts)
    {
        (_classifier, _texts) = (classifier, texts);
        _mixed = new(classifier.Model, classifier.Segmenter, BatchSize);
        _full = new(classifier.Model, classifier.Segmenter, BatchSize);
    }

    /// <summary>Answers every line "mixed SECONDS" or "full SECONDS" by reading for so long: segments, seconds, seconds of processor time.</summary>
    /// <param name="model">A saved model.</param>
    /// <param name="most">Tokens of the longest of the mixed documents.</param>
    public static void Run(string model, int most)
    {
        using var classifier = RmtCheckpoint.Load(model, HubCache.FromEnvironment());
        using var side = new SchedulerSide(classifier, new DocumentTexts(classifier.Tokenizer).Mixed(most));
        SideLoop.Write($"ready 0 0");
        while (Console.In.ReadLine()?.Split(' ') is [var what, var seconds])
        {
            var time = TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture));
            var speed = Measure(time, what == "full" ? side.ReadFull : side.ReadMixed);
            SideLoop.Write($"{speed.Segments:R} {speed.Seconds:R} {speed.ProcessorSeconds:R}");
        }
    }

    /// <summary>A step with as many documents waiting as the service has.</summary>
    /// <returns>Segments read.</returns>
    private int ReadMixed()
    {
        while (_mixed.Count < MixedLoad.Open)
        {
            _ = _texts.MoveNext();
            var ids = _classifier.Tokenizer.Encode(_texts.Current);
            _classifier.Segmenter.KeepContent(ids);
            _ = _mixed.Add(ids.ToArray());
        }
        return _mixed.Step().Count;
    }

    /// <summary>A step of full segments in a full batch.</summary>
    /// <returns>Segments read.</returns>
    private int ReadFull()
    {
        if (_full.Count < BatchSize)
        {
            var tokens = new int[_classifier.Segmenter.Layout.TokensPerSegment * 1000];
            tokens.AsSpan().Fill(_classifier.Segmenter.Layout.Special.Pad!.Value);
            while (_full.Count < BatchSize)
                _ = _full.Add(tokens);
        }
        return _full.Step().Count;
    }

    // Threads that slept are woken within what is measured: those of the service, which stood still meanwhile, are too.
    private static Speed Measure(TimeSpan time, Func<int> step)
    {
        var (clock, segments) = (new SpeedClock(Environment.ProcessId), 0);
        while (clock.Elapsed < time)
            segments += step();
        return clock.Of(segments);
    }

    public void Dispose()
    {
        _mixed.Dispose();
        _full.Dispose();
    }
}
