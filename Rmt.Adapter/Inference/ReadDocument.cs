using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>A document on its way through a <see cref="SegmentScheduler"/>: its token ids, how far it was read, and m × H numbers of memory.</summary>
public sealed class ReadDocument
{
    internal ReadDocument(ReadOnlyMemory<int> tokens, Segmentation segments, int read, object? tag) => (Tokens, Segments, SegmentsRead, Tag) = (tokens, segments, read, tag);

    /// <summary>Content tokens.</summary>
    public ReadOnlyMemory<int> Tokens { get; }

    /// <summary>How it is cut.</summary>
    public Segmentation Segments { get; }

    /// <summary>Whatever the caller wants to find again.</summary>
    public object? Tag { get; }

    /// <summary>Number of segments read so far.</summary>
    public int SegmentsRead { get; internal set; }

    /// <summary>Whether the last segment was read.</summary>
    public bool IsFinished => SegmentsRead == Segments.Count;

    // [m, H] on the device; null before the first segment and after the last.
    internal Tensor? Memory { get; set; }

    // [m, H], where a recorded step writes: not there where it reads, since a step that fails is read again. null where none was asked for yet.
    internal Tensor? Beside { get; set; }

    internal int Remaining => Segments.Count - SegmentsRead;

    // [m, H]: what stands beside, or a tensor of a scope.
    internal void Remember(Tensor memory)
    {
        if (ReferenceEquals(memory, Beside))
        {
            (Memory, Beside) = (memory, Memory);
            return;
        }
        Forget();
        Memory = memory.DetachFromDisposeScope();
    }

    // Where its model was moved meanwhile, memory goes along: what is recorded knows an address alone.
    internal void Follow(Tensor initial)
    {
        if ((Memory ?? Beside) is not { } held || (held.dtype == initial.dtype && held.device == initial.device)) return;
        var moved = Memory?.to(initial.dtype).to(initial.device).DetachFromDisposeScope();
        Forget();
        Memory = moved;
    }

    internal void Forget()
    {
        Memory?.Dispose();
        Beside?.Dispose();
        (Memory, Beside) = (null, null);
    }
}

/// <summary>What one step read of one document.</summary>
/// <param name="Document">The document.</param>
/// <param name="Segment">Which of its segments, from 0.</param>
/// <param name="Logits">What the head says after it: C numbers.</param>
public sealed record SegmentReading(ReadDocument Document, int Segment, IReadOnlyList<float> Logits)
{
    /// <summary>Whether this was the document's last segment, and the logits are its answer.</summary>
    public bool IsLast => Segment == Document.Segments.Count - 1;

    /// <summary>[m × H] float32: what the document remembers after it; empty unless <see cref="SegmentScheduler.HandsOutMemory"/>.</summary>
    public ReadOnlyMemory<float> Memory { get; init; }
}

/// <summary>A document between two of its segments: all that is needed to go on, in another process too.</summary>
/// <param name="SegmentsRead">From 0; less than it has.</param>
/// <param name="Memory">[m × H], as <see cref="SegmentReading.Memory"/> gave it; empty: the initial memory.</param>
public readonly record struct ReadingState(int SegmentsRead, ReadOnlyMemory<float> Memory);
