using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>One segment of a part of an update: seeded, run, and asked what its logits cost. The same for every way to propagate back.</summary>
internal sealed class SegmentPass(RecurrentClassifier model, UpdatePart part)
{
    public int Steps => part.Batch.Steps.Count;

    public Tensor InitialMemory() => model.Adapter.InitialMemory(part.Batch.Documents).Tokens;          // [B, m, H]

    /// <summary>The documents that have begun before a step, as rows of the batch; null when all have.</summary>
    public Tensor? BegunBefore(int step) => part.Batch.Steps[step - 1].Rows;

    /// <summary>Casts as the part asks for, until it is disposed. One scope never holds passes with a graph and without one: casts of weights
    /// are kept within a scope, and those made without a graph lead no gradient back.</summary>
    public IDisposable? Casts() => part.Autocast is { } type ? Rmt.Torch.Autocast.Begin(model.Adapter.Device, type) : null;

    /// <summary>Memory alone: [B, m, H] → [B, m, H].</summary>
    public Tensor Remember(int step, Tensor memory) => Step(step, part.Batch.Steps[step], memory).Memory.Tokens;

    /// <summary>Memory, and the step's part of the loss: [B, m, H] → [B, m, H] and one number, null where the step's logits do not count.</summary>
    public (Tensor Memory, Tensor? Loss) Run(int step, Tensor memory)
    {
        using var scope = NewDisposeScope();
        var segment = part.Batch.Steps[step];
        var output = Step(step, segment, memory);
        var handed = output.Memory.Tokens.MoveToOuterDisposeScope();                                    // [B, m, H]
        var share = part.Share(step, segment.Rows?.shape[0] ?? part.Batch.Documents);
        if (share == 0) return (handed, null);
        var labels = segment.Rows is null ? part.Labels : part.Labels.index_select(0, segment.Rows);    // [A]
        var loss = nn.functional.cross_entropy(model.Head(output.Hidden), labels) * share;
        return (handed, loss.MoveToOuterDisposeScope());
    }

    private AdapterOutput Step(int step, SegmentStep segment, Tensor memory)
    {
        part.Seeds.Sow(step);
        return model.Adapter.call(segment, new(memory));
    }
}
