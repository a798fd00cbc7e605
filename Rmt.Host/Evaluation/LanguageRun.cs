using Rmt.Adapter;
using Rmt.Host.Output;

namespace Rmt.Host.Evaluation;

/// <summary>Documents through a language model with its own memory, with none and with another document's.</summary>
/// <param name="model">That is measured.</param>
/// <param name="segmenter">How documents are cut.</param>
/// <param name="wanted">Segments that are told, from 1; null: all.</param>
internal sealed class LanguageRun(RecurrentLanguageModel model, Segmenter segmenter, IReadOnlyList<int>? wanted)
{
    private readonly MemoryArms _arms = new(model, segmenter);

    /// <summary>What was measured so far: a record a segment, and one of all from the second on.</summary>
    public IReadOnlyList<IRecord> Records
    {
        get
        {
            var segments = _arms.Segments.Where(one => wanted?.Contains(one.Segment) != false).ToList();
            var later = segments.Where(one => one.Segment > 1).ToList();
            return [.. segments.Select(SegmentLossRecord.Of), .. later.Count > 0 ? [LaterLossRecord.Of(SegmentLoss.Sum(later))] : Array.Empty<IRecord>()];
        }
    }

    /// <summary>Reads all documents.</summary>
    /// <exception cref="OperationCanceledException">After those that were read.</exception>
    public void Read(IReadOnlyList<ReadOnlyMemory<int>> documents, int batch, TaskProgress progress, CancellationToken cancellation)
    {
        foreach (var group in MemoryArms.Groups(documents, batch))
        {
            cancellation.ThrowIfCancellationRequested();
            _arms.Read(group);
            foreach (var document in group)
            {
                progress.SampleRead();
                for (var segments = segmenter.Split(document.Length).Count; segments > 0; segments--)
                    progress.SegmentRead();
            }
            progress.Show();
        }
    }
}
