using System.Diagnostics;
using Rmt.Adapter;

namespace Rmt.Service;

/// <summary>A model in memory with the documents that it reads. Belongs to the worker's thread, but for its tokenizer and its names.</summary>
internal sealed class LoadedModel : IDisposable
{
    private readonly DocumentClassifier _classifier;

    /// <param name="name">How requests name it.</param>
    /// <param name="hash">What it is.</param>
    /// <param name="classifier">Disposed with this.</param>
    /// <param name="everySegment">Whether it was trained to answer after every segment.</param>
    /// <param name="batchSize">Documents that are read side by side.</param>
    public LoadedModel(string name, string hash, DocumentClassifier classifier, bool everySegment, int batchSize)
    {
        (Name, Hash, EverySegment, _classifier) = (name, hash, everySegment, classifier);
        Scheduler = new(classifier.Model, classifier.Segmenter, batchSize) { HandsOutMemory = true };
        FromTheLeft = new(classifier.Segmenter.Layout, SegmentAlignment.Left);
    }

    public string Name { get; }
    public string Hash { get; }
    public bool EverySegment { get; }
    public SegmentScheduler Scheduler { get; }
    public ITokenizer Tokenizer => _classifier.Tokenizer;
    public Segmenter Segmenter => _classifier.Segmenter;

    /// <summary>How a stream is cut, whose end is not known.</summary>
    public Segmenter FromTheLeft { get; }
    public LabelSet Labels => _classifier.Labels;

    /// <summary>Reads two full batches of full segments: the first takes memory and wakes threads.</summary>
    /// <returns>Segments a second, in the second.</returns>
    public double WarmUp()
    {
        Probe(Scheduler.BatchSize);
        var begun = Stopwatch.GetTimestamp();
        Probe(Scheduler.BatchSize);
        return Scheduler.BatchSize / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    /// <summary>Reads one full segment of nothing in particular; throws where the model, or its device, does not work.</summary>
    public void Probe(int documents = 1)
    {
        var tokens = new int[Segmenter.Layout.TokensPerSegment];
        tokens.AsSpan().Fill(Segmenter.Layout.Special.Pad ?? 0);      // any token will do; a causal model has no [PAD]
        using var scheduler = new SegmentScheduler(_classifier.Model, Segmenter, documents);
        for (var i = 0; i < documents; i++)
            _ = scheduler.Add(tokens);
        _ = scheduler.Step();
    }

    public void Dispose()
    {
        Scheduler.Dispose();
        _classifier.Dispose();
    }
}
