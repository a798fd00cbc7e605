using System.Collections;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>Token ids to segments, segments to the windows of a step.</summary>
/// <param name="layout">Where things stand in a window.</param>
/// <param name="alignment">Where the segment that is not full goes; null: first, as the paper has it, but last where the backbone is causal.</param>
public sealed class Segmenter(SegmentLayout layout, SegmentAlignment? alignment = null)
{
    /// <summary>Where things stand in a window.</summary>
    public SegmentLayout Layout { get; } = layout;

    /// <summary>Where the segment that is not full goes.</summary>
    public SegmentAlignment Alignment { get; } = alignment ?? (layout.IsCausal ? SegmentAlignment.Left : SegmentAlignment.Right);

    /// <summary>Drops [CLS], [SEP] and [PAD] in place, as the paper's authors do before they cut: special tokens written in a text do not count.</summary>
    public void KeepContent(List<int> ids) => ids.RemoveAll(Layout.Special.Contains);

    /// <summary>How a document of so many content tokens is cut.</summary>
    public Segmentation Split(int tokens) => new(tokens, Layout.TokensPerSegment, Alignment);

    /// <summary>The windows of one segment each of several documents, no longer than the longest needs.</summary>
    /// <param name="segments">Content tokens, at most <see cref="SegmentLayout.TokensPerSegment"/> each.</param>
    /// <param name="device">Where the step will run.</param>
    /// <param name="rows">The documents they belong to; null when that is all of them, in order.</param>
    public SegmentStep Windows(IReadOnlyList<ReadOnlyMemory<int>> segments, Device device, IReadOnlyList<int>? rows = null)
    {
        var lengths = segments.Select(segment => Layout.WindowOf(segment.Length)).ToArray();
        if (lengths.Contains(0))
            throw new ArgumentException("a document without a token cannot be read by a causal model without memory tokens: its window is empty. Give it one token or more, or the model memory.", nameof(segments));
        var longest = lengths.Max();
        var ids = new long[segments.Count * longest];
        var seen = new bool[segments.Count * longest];
        for (var i = 0; i < segments.Count; i++)
        {
            Layout.Fill(segments[i].Span, ids.AsSpan(i * longest, longest));
            seen.AsSpan(i * longest, lengths[i]).Fill(true);
        }
        var padded = lengths.Any(length => length < longest);
        return new(
            On(device, tensor(ids, [segments.Count, longest])),                                 // [A, L]
            padded ? On(device, tensor(seen, [segments.Count, longest])) : null,                // [A, L]
            rows is null ? null : On(device, tensor(rows.Select(row => (long)row).ToArray())));     // [A]
    }

    // Out of pinned memory a copy waits for nothing; else the device would have done all it was given before the next segment's work is on its way.
    private static Tensor On(Device device, Tensor made)
    {
        if (device.type != DeviceType.CUDA) return device.type == DeviceType.CPU ? made : made.to(device);
        using var pinned = made.pin_memory();
        made.Dispose();
        return pinned.to(device, non_blocking: true);
    }

    /// <summary>Whole documents as the steps that read them.</summary>
    /// <param name="documents">Content tokens of each.</param>
    /// <param name="device">Where the steps will run.</param>
    public SegmentBatch Batch(IReadOnlyList<ReadOnlyMemory<int>> documents, Device device)
    {
        if (documents.Count == 0) throw new ArgumentException("a batch holds one document or more", nameof(documents));
        return new(documents.Count, new StepList(this, documents, device)) { Followed = documents.Sum(document => Math.Max(0L, document.Length - 1)) };
    }

    // A list that is computed, not stored: whoever reads backwards, as memory replay does, holds one step's tensors and not all of them.
    private sealed class StepList(Segmenter segmenter, IReadOnlyList<ReadOnlyMemory<int>> documents, Device device) : IReadOnlyList<SegmentStep>
    {
        private readonly Segmentation[] split = [.. documents.Select(document => segmenter.Split(document.Length))];

        public int Count => split.Max(segments => segments.Count);

        public SegmentStep this[int index]
        {
            get
            {
                ArgumentOutOfRangeException.ThrowIfNegative(index);
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
                var steps = Count;
                int Segment(int row) => index - (steps - split[row].Count);     // negative: not begun
                var rows = Enumerable.Range(0, split.Length).Where(row => Segment(row) >= 0).ToArray();
                var segments = rows.Select(row => documents[row][split[row][Segment(row)]]).ToArray();
                return segmenter.Windows(segments, device, rows.Length == split.Length ? null : rows);
            }
        }

        public IEnumerator<SegmentStep> GetEnumerator() => Enumerable.Range(0, Count).Select(index => this[index]).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
