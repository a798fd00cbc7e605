using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>Backpropagation through time: the graphs of the segments are kept until their gradients are taken.</summary>
/// <remarks>
/// Truncated, the steps are taken in runs of <paramref name="depth"/>, counted from the last step, where all documents end. No gradient passes
/// from a run to the one before it, so the loss after the last step reaches exactly the last <paramref name="depth"/> segments, that one included.
/// A document that begins within a run still gives the initial memory its gradient, as it would alone. Only one run's graphs are kept at
/// a time, and a run in which nothing that is said counts builds none.
/// </remarks>
/// <param name="depth">Segments a gradient passes through at most, 1 or more; null: all.</param>
/// <exception cref="ArgumentOutOfRangeException">A depth below 1.</exception>
public sealed class BackpropagationThroughTime(int? depth = null) : IBackpropagation
{
    /// <summary>Segments a gradient passes through at most; null: all.</summary>
    public int? Depth { get; } = depth is < 1 ? throw new ArgumentOutOfRangeException(nameof(depth), depth, "a gradient passes through 1 segment or more") : depth;

    /// <inheritdoc/>
    public Tensor Backward(RecurrentModel model, UpdatePart part)
    {
        using var scope = NewDisposeScope();
        var pass = new SegmentPass(model, part);
        var length = Depth ?? pass.Steps;
        var memory = pass.InitialMemory();                                                      // [B, m, H]
        var total = zeros([], dtype: memory.dtype, device: model.Adapter.Device);
        var begin = 0;
        for (var end = First(pass.Steps, length); end <= pass.Steps; (begin, end) = (end, end + length))
        {
            using var run = NewDisposeScope();
            var loss = Forward(pass, begin, end, ref memory, counts: pass.Counts(end));
            if (loss is not null)
            {
                // With a frozen backbone a run that no initial memory enters has nothing to learn.
                if (loss.requires_grad) (loss * part.Weight).backward();
                total.add_(loss.detach());
            }
            if (end < pass.Steps) memory = Cut(pass, end, memory).MoveToOuterDisposeScope();    // [B, m, H]
        }
        return total.MoveToOuterDisposeScope();
    }

    private static int First(int steps, int length) => steps % length is var rest and > 0 ? rest : length;

    private static Tensor? Forward(SegmentPass pass, int begin, int end, ref Tensor memory, bool counts)
    {
        using var mode = set_grad_enabled(counts);
        using var casts = pass.Casts();
        var total = default(Tensor);
        for (var step = begin; step < end; step++)
        {
            (memory, var loss) = pass.Run(step, memory);
            total = total is null ? loss : loss is null ? total : total + loss;
        }
        return total;
    }

    // The rows of documents that have not begun are the initial memory still, and lead to it.
    private static Tensor Cut(SegmentPass pass, int step, Tensor memory)
    {
        var rows = pass.BegunBefore(step);
        return rows is null ? memory.detach() : pass.InitialMemory().index_copy(0, rows, memory.detach().index_select(0, rows));
    }
}
