using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>Reads documents of any lengths together. Every step takes one segment each of up to <see cref="BatchSize"/> documents,
/// chosen anew; what is kept between steps is m × H numbers a document. Each answer is that of the document alone.</summary>
/// <remarks>
/// Of the rows of a step the first half, rounded up, goes to the documents that have waited longest, so that every one of n documents
/// is read at least once in ⌈n / half⌉ steps and a long one starves nobody; the rest goes to those with most segments left, so that
/// the longest are not what remains, alone, at the end. Belongs to one thread.
/// </remarks>
public sealed class SegmentScheduler : IDisposable
{
    private readonly RecurrentClassifier model;
    private readonly Segmenter segmenter;
    private readonly LinkedList<ReadDocument> waiting = new();      // longest wait first

    /// <param name="model">In evaluation mode; not disposed here.</param>
    /// <param name="segmenter">How documents are cut.</param>
    /// <param name="batchSize">Most documents a step reads; 1 or more.</param>
    public SegmentScheduler(RecurrentClassifier model, Segmenter segmenter, int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        (this.model, this.segmenter, BatchSize) = (model, segmenter, batchSize);
    }

    /// <summary>Most documents a step reads.</summary>
    public int BatchSize { get; }

    /// <summary>Documents not finished.</summary>
    public int Count => waiting.Count;

    /// <summary>Takes a document; it joins at one of the next steps.</summary>
    /// <param name="tokens">Content tokens; none is a document too.</param>
    /// <param name="tag">Whatever the caller wants to find again.</param>
    public ReadDocument Add(ReadOnlyMemory<int> tokens, object? tag = null)
    {
        var document = new ReadDocument(tokens, segmenter.Split(tokens.Length), tag);
        waiting.AddLast(document);
        return document;
    }

    /// <summary>Gives a document up and frees its memory; one that is not here is nothing.</summary>
    public void Remove(ReadDocument document)
    {
        if (waiting.Remove(document)) document.Forget();
    }

    /// <summary>Reads one segment each of the chosen documents. Where it throws, no document has moved on.</summary>
    /// <returns>One reading a chosen document; none when no document is left.</returns>
    public IReadOnlyList<SegmentReading> Step()
    {
        if (waiting.Count == 0) return [];
        var chosen = Choose();
        var (logits, memories) = Read(chosen);
        var readings = new SegmentReading[chosen.Count];
        for (var i = 0; i < chosen.Count; i++)
        {
            var document = chosen[i];
            readings[i] = new(document, document.SegmentsRead++, logits.AsSpan(i * model.Labels, model.Labels).ToArray());
            document.Forget();
            waiting.Remove(document);
            if (document.IsFinished)
            {
                memories[i].Dispose();
                continue;
            }
            document.Memory = memories[i];
            waiting.AddLast(document);
        }
        return readings;
    }

    private List<ReadDocument> Choose()
    {
        if (waiting.Count <= BatchSize) return [.. waiting];
        var chosen = waiting.Take((BatchSize + 1) / 2).ToList();
        chosen.AddRange(waiting.Skip(chosen.Count).OrderByDescending(document => document.Remaining).Take(BatchSize - chosen.Count));
        return chosen;
    }

    // Logits [A × C], and the memory of each as a tensor of its own: views of one batch would keep the whole batch alive.
    private (float[] Logits, Tensor[] Memories) Read(List<ReadDocument> documents)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        var adapter = model.Adapter;
        var segments = documents.Select(document => document.Tokens[document.Segments[document.SegmentsRead]]).ToArray();
        var initial = adapter.InitialMemory(1).Tokens[0];                                       // [m, H]
        var memory = stack(documents.Select(document => document.Memory ?? initial).ToArray()); // [A, m, H]
        var output = adapter.call(segmenter.Windows(segments, adapter.Device), new(memory));
        var logits = model.Head(output.Hidden).to(float32).cpu().data<float>().ToArray();       // [A, C]
        var memories = output.Memory.Tokens.unbind().Select(row => row.clone()).ToArray();      // A × [m, H]
        foreach (var row in memories) row.DetachFromDisposeScope();
        return (logits, memories);
    }

    /// <summary>Frees the memory of the documents that are not finished.</summary>
    public void Dispose()
    {
        foreach (var document in waiting) document.Forget();
        waiting.Clear();
    }
}
