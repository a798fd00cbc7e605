using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>Memory replay (memory efficient backpropagation): exact gradients through all segments, with the graph of one segment at a time.</summary>
/// <remarks>
/// First all segments without a graph, keeping the memory that enters each: m × H numbers a document and segment. Then from the last segment
/// to the first: run it again with a graph, and propagate back from its part of the loss and from the gradient of the memory it handed on.
/// Each segment draws the same dropout both times, so the gradients are those of <see cref="BackpropagationThroughTime"/>. Every segment
/// but the last is run twice.
/// </remarks>
public sealed class MemoryReplay : IBackpropagation
{
    /// <inheritdoc/>
    public Tensor Backward(RecurrentModel model, UpdatePart part)
    {
        using var scope = NewDisposeScope();
        var pass = new SegmentPass(model, part);
        var initial = pass.InitialMemory();                                                     // [B, m, H]
        var entering = Entering(pass, initial);                                                 // [T, B, m, H]
        var total = zeros([], dtype: initial.dtype, device: model.Adapter.Device);
        var gradient = default(Tensor);                                                         // [B, m, H]: of the memory handed on; none after the last
        for (var step = pass.Steps - 1; step >= 0; step--)
        {
            using var segment = NewDisposeScope();
            var memory = entering[step].detach().requires_grad_();                              // [B, m, H]
            var loss = Replay(pass, part, step, memory, gradient);
            if (loss is not null) total.add_(loss.detach());
            gradient?.Dispose();
            gradient = (memory.grad ?? zeros_like(memory)).MoveToOuterDisposeScope();
        }
        if (initial.requires_grad) initial.backward([gradient!]);
        return total.MoveToOuterDisposeScope();
    }

    private static Tensor Entering(SegmentPass pass, Tensor initial)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var casts = pass.Casts();
        long[] shape = [pass.Steps, .. initial.shape];
        var entering = empty(shape, dtype: initial.dtype, device: initial.device);              // [T, B, m, H]
        entering[0].copy_(initial);
        for (var step = 0; step < pass.Steps - 1; step++)
        {
            using var segment = NewDisposeScope();
            entering[step + 1].copy_(pass.Remember(step, entering[step]));
        }
        return entering.MoveToOuterDisposeScope();
    }

    private static Tensor? Replay(SegmentPass pass, UpdatePart part, int step, Tensor memory, Tensor? gradient)
    {
        var (handed, loss) = Forward(pass, step, memory);
        // One backward: the loss and the memory share the graph of the segment.
        List<Tensor> roots = [], seeds = [];
        if (loss is not null) (roots, seeds) = ([loss], [full_like(loss, part.Weight)]);
        if (gradient is not null && handed.requires_grad)
        {
            roots.Add(handed);
            seeds.Add(gradient);
        }
        autograd.backward(roots, seeds);
        return loss;
    }

    private static (Tensor Memory, Tensor? Loss) Forward(SegmentPass pass, int step, Tensor memory)
    {
        using var casts = pass.Casts();
        return pass.Run(step, memory);
    }
}
