using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>Reads documents of any lengths together. Every step takes one segment each of up to <see cref="BatchSize"/> documents,
/// chosen anew; what is kept between steps is m × H numbers a document. Each answer is that of the document alone.</summary>
/// <remarks>
/// Of the rows of a step the first half, rounded up, goes to the documents that have waited longest, so that every one of n documents
/// is read at least once in ⌈n / half⌉ steps and nobody starves anybody; an eighth, rounded down, to those with fewest segments left, so
/// that a short one is answered soon; the rest to those with most left, so that the longest are not what remains, alone, at the end.
/// Belongs to one thread.
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

    /// <summary>Whether readings come with the memory that they leave: a copy of m × H numbers for each. No unless said.</summary>
    public bool HandsOutMemory { get; init; }

    /// <summary>Documents not finished.</summary>
    public int Count => waiting.Count;

    /// <summary>Takes a document; it joins at one of the next steps.</summary>
    /// <param name="tokens">Content tokens; none is a document too.</param>
    /// <param name="tag">Whatever the caller wants to find again.</param>
    public ReadDocument Add(ReadOnlyMemory<int> tokens, object? tag = null)
    {
        var document = new ReadDocument(tokens, segmenter.Split(tokens.Length), 0, tag);
        waiting.AddLast(document);
        return document;
    }

    /// <summary>Takes a document that was begun before, here or elsewhere; its answer is the one it would have had there.</summary>
    /// <param name="tokens">Content tokens, those of the segments that were read included: they are cut as before, and not looked at.</param>
    /// <param name="from">How far it was read, by the same model.</param>
    /// <param name="tag">Whatever the caller wants to find again.</param>
    /// <param name="cut">How it is cut, if not as the others are; of the same layout.</param>
    /// <exception cref="ArgumentException">The document has no segment left, or the memory is not m × H numbers.</exception>
    public ReadDocument Add(ReadOnlyMemory<int> tokens, ReadingState from, object? tag = null, Segmenter? cut = null)
    {
        var segments = (cut ?? segmenter).Split(tokens.Length);
        if (from.SegmentsRead < 0 || from.SegmentsRead >= segments.Count)
            throw new ArgumentException($"the document has {segments.Count} segments; {from.SegmentsRead} of them cannot have been read with one left", nameof(from));
        var document = new ReadDocument(tokens, segments, from.SegmentsRead, tag) { Memory = Restore(from) };
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
    public IReadOnlyList<SegmentReading> Step() => Step(Choose());

    /// <summary>Reads one segment each of these documents, for whoever must know before a step who takes part, or reads one alone. Where it throws,
    /// no document has moved on.</summary>
    /// <param name="chosen">Different documents of this scheduler that are not finished, as <see cref="Choose"/> gives them or fewer.</param>
    public IReadOnlyList<SegmentReading> Step(IReadOnlyList<ReadDocument> chosen)
    {
        if (chosen.Count == 0) return [];
        var (logits, memories, copies) = Read(chosen);
        var readings = new SegmentReading[chosen.Count];
        for (var i = 0; i < chosen.Count; i++)
        {
            var document = chosen[i];
            readings[i] = new(document, document.SegmentsRead++, logits.AsSpan(i * model.Labels, model.Labels).ToArray())
            {
                Memory = copies.AsMemory(i * (copies.Length / chosen.Count), copies.Length / chosen.Count),
            };
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

    /// <summary>The documents whose segments the next step reads; at most <see cref="BatchSize"/>, none when none is left.</summary>
    public IReadOnlyList<ReadDocument> Choose()
    {
        if (waiting.Count <= BatchSize) return [.. waiting];
        var chosen = waiting.Take((BatchSize + 1) / 2).ToList();
        var others = waiting.Skip(chosen.Count).OrderBy(document => document.Remaining).ToList();       // of equal ones the longest wait first
        var shortest = BatchSize / 8;
        var longest = BatchSize - chosen.Count - shortest;
        chosen.AddRange(others.Take(shortest));
        chosen.AddRange(others.Skip(others.Count - longest));
        return chosen;
    }

    // [m, H] on the device, in the type of the initial memory; null for that one.
    private Tensor? Restore(ReadingState from)
    {
        if (from.Memory.IsEmpty && from.SegmentsRead == 0) return null;
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        var initial = model.Adapter.InitialMemory(1).Tokens[0];                                 // [m, H]
        if (initial.numel() != from.Memory.Length)
            throw new ArgumentException($"the memory of this model is {initial.shape[0]} × {initial.shape[1]} numbers, given are {from.Memory.Length}", nameof(from));
        return tensor(from.Memory.ToArray(), initial.shape).to(initial.dtype).to(initial.device).DetachFromDisposeScope();
    }

    // Logits [A × C], the memory of each as a tensor of its own (views of one batch would keep the whole batch alive), and copies [A × m × H] if wanted.
    private (float[] Logits, Tensor[] Memories, float[] Copies) Read(IReadOnlyList<ReadDocument> documents)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        var adapter = model.Adapter;
        var segments = documents.Select(document => document.Tokens[document.Segments[document.SegmentsRead]]).ToArray();
        var initial = adapter.InitialMemory(1).Tokens[0];                                       // [m, H]
        var memory = stack(documents.Select(document => document.Memory ?? initial).ToArray()); // [A, m, H]
        var output = adapter.call(segmenter.Windows(segments, adapter.Device), new(memory));
        var logits = model.Head(output.Hidden).to(float32).cpu().data<float>().ToArray();       // [A, C]
        var copies = HandsOutMemory ? output.Memory.Tokens.to(float32).cpu().contiguous().data<float>().ToArray() : [];
        var memories = output.Memory.Tokens.unbind().Select(row => row.clone()).ToArray();      // A × [m, H]
        foreach (var row in memories) row.DetachFromDisposeScope();
        return (logits, memories, copies);
    }

    /// <summary>Frees the memory of the documents that are not finished.</summary>
    public void Dispose()
    {
        foreach (var document in waiting) document.Forget();
        waiting.Clear();
    }
}
