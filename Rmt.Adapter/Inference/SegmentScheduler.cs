using System.Runtime.InteropServices;
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
    private int fits;                                               // documents that a step has memory for, as far as is known

    /// <param name="model">In evaluation mode; not disposed here.</param>
    /// <param name="segmenter">How documents are cut.</param>
    /// <param name="batchSize">Most documents a step reads; 1 or more.</param>
    /// <exception cref="ArgumentException">The segmenter's windows have other memory than the model.</exception>
    public SegmentScheduler(RecurrentClassifier model, Segmenter segmenter, int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        model.Adapter.CheckSegmenter(segmenter);
        (this.model, this.segmenter, BatchSize, fits) = (model, segmenter, batchSize, batchSize);
    }

    /// <summary>Most documents a step reads.</summary>
    public int BatchSize { get; }

    /// <summary>Whether readings come with the memory that they leave: a copy of m × H numbers for each. No unless said.</summary>
    public bool HandsOutMemory { get; init; }

    /// <summary>Whether only a document's last reading has logits. Then nothing waits for the device but a step that ends a document, and a GPU is given
    /// the next steps while it works. No unless said.</summary>
    public bool AnswersOnly { get; init; }

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
    /// <exception cref="ArgumentException">A token is none of the model's.</exception>
    public IReadOnlyList<SegmentReading> Step() => Step(Choose());

    /// <summary>Reads one segment each of these documents, for whoever must know before a step who takes part, or reads one alone. Where it throws,
    /// no document has moved on.</summary>
    /// <param name="chosen">Different documents of this scheduler that are not finished, as <see cref="Choose"/> gives them or fewer.</param>
    /// <returns>One reading a chosen document; of the first half of them where the device has no memory for all: then no later step chooses more.</returns>
    /// <exception cref="ArgumentException">A token is none of the model's.</exception>
    public IReadOnlyList<SegmentReading> Step(IReadOnlyList<ReadDocument> chosen)
    {
        if (chosen.Count == 0) return [];
        try
        {
            return Read(chosen);
        }
        catch (ExternalException failure) when (chosen.Count > 1 && failure.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase))
        {
            model.Recorded.Forget();
            fits = chosen.Count / 2;
            return Step([.. chosen.Take(fits)]);
        }
    }

    /// <summary>The documents whose segments the next step reads; at most <see cref="BatchSize"/>, none when none is left.</summary>
    public IReadOnlyList<ReadDocument> Choose()
    {
        if (waiting.Count <= fits) return [.. waiting];
        var chosen = waiting.Take((fits + 1) / 2).ToList();
        var others = waiting.Skip(chosen.Count).OrderBy(document => document.Remaining).ToList();       // of equal ones the longest wait first
        var shortest = fits / 8;
        var longest = fits - chosen.Count - shortest;
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

    private SegmentReading[] Read(IReadOnlyList<ReadDocument> documents)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        var initial = model.Adapter.InitialMemory(1).Tokens[0];                                 // [m, H]
        foreach (var document in documents) document.Follow(initial);
        var segments = documents.Select(document => document.Tokens[document.Segments[document.SegmentsRead]]).ToArray();
        foreach (var (i, document) in documents.Index()) model.Adapter.CheckTokens(segments[i].Span, first: document.Segments[document.SegmentsRead].Start.Value);
        var memories = new Tensor[documents.Count];                                             // A × [m, H]
        var ends = !AnswersOnly || documents.Any(document => document.Remaining == 1);
        var said = (model.Recorded.Apply ? Recorded(documents, segments, memories, initial, ends) : null) ?? Said(Computed(documents, segments, memories, initial), ends);
        var logits = ends ? said.to(float32).cpu().data<float>().ToArray() : [];                // [A × C]
        var copies = HandsOutMemory ? stack(memories).to(float32).cpu().data<float>().ToArray() : [];     // [A × m × H]
        return Move(documents, memories, logits, copies);
    }

    // [A, R, H] → [A, C], where that is asked for.
    private Tensor Said(Tensor hidden, bool ends) => ends ? model.Head(hidden) : hidden;

    // By a step of a shape that is there or is made now, from where memories are to beside them. What it leaves is there until the next one, whoever asks for it, so the head reads it before.
    private Tensor? Recorded(IReadOnlyList<ReadDocument> documents, ReadOnlyMemory<int>[] segments, Tensor[] memories, Tensor initial, bool ends)
    {
        for (var i = 0; i < memories.Length; i++) memories[i] = documents[i].Beside ??= empty_like(initial).DetachFromDisposeScope();
        lock (RecordedSteps.Turn)
        {
            var hidden = model.Recorded.Read(segments, [.. documents.Select(document => document.Memory ?? initial)], memories, Math.Max(fits, segments.Length));     // [A, R, H]
            return hidden is null ? null : Said(hidden, ends);
        }
    }

    // Each memory is a tensor of its own: views of one batch would keep the whole batch alive.
    private Tensor Computed(IReadOnlyList<ReadDocument> documents, ReadOnlyMemory<int>[] segments, Tensor[] memories, Tensor initial)
    {
        var adapter = model.Adapter;
        var memory = stack(documents.Select(document => document.Memory ?? initial).ToArray()); // [A, m, H]
        var output = adapter.call(segmenter.Windows(segments, adapter.Device), new(memory));
        var written = output.Memory.Tokens.unbind();
        for (var i = 0; i < memories.Length; i++) memories[i] = written[i].clone();
        return output.Hidden;                                                                   // [A, R, H]
    }

    // Nothing can fail any more: all of them move on.
    private SegmentReading[] Move(IReadOnlyList<ReadDocument> documents, Tensor[] memories, float[] logits, float[] copies)
    {
        var readings = new SegmentReading[documents.Count];
        for (var i = 0; i < documents.Count; i++)
        {
            var (document, memory) = (documents[i], memories[i]);
            var said = AnswersOnly && document.Remaining > 1 ? [] : logits.AsSpan(i * model.Labels, model.Labels).ToArray();
            readings[i] = new(document, document.SegmentsRead++, said)
            {
                Memory = copies.AsMemory(i * (copies.Length / documents.Count), copies.Length / documents.Count),
            };
            _ = waiting.Remove(document);
            if (document.IsFinished)
            {
                document.Forget();
                continue;
            }
            document.Remember(memory);
            _ = waiting.AddLast(document);
        }
        return readings;
    }

    /// <summary>Frees the memory of the documents that are not finished.</summary>
    public void Dispose()
    {
        foreach (var document in waiting) document.Forget();
        waiting.Clear();
    }
}
