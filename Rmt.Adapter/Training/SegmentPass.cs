using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>One segment of a part of an update: seeded, run, and asked what is said after it costs. The same for every way to propagate back.</summary>
internal sealed class SegmentPass(RecurrentModel model, UpdatePart part)
{
    public int Steps => part.Batch.Steps.Count;

    public Tensor InitialMemory() => model.Adapter.InitialMemory(part.Batch.Documents).Tokens;          // [B, m, H]

    /// <summary>The documents that have begun before a step, as rows of the batch; null when all have.</summary>
    public Tensor? BegunBefore(int step) => part.Batch.Steps[step - 1].Rows;

    /// <summary>Whether anything said in a run of steps counts.</summary>
    /// <param name="end">Behind its last step.</param>
    public bool Counts(int end) => model.Counts(part, end);

    /// <summary>Casts as the part asks for, until it is disposed. One scope never holds passes with a graph and without one: casts of weights
    /// are kept within a scope, and those made without a graph lead no gradient back.</summary>
    public IDisposable? Casts() => part.Autocast is { } type ? Rmt.Torch.Autocast.Begin(model.Adapter.Device, type) : null;

    /// <summary>Memory alone: [B, m, H] → [B, m, H].</summary>
    public Tensor Remember(int step, Tensor memory) => Step(step, part.Batch.Steps[step], memory).Memory.Tokens;

    /// <summary>Memory, and the step's part of the loss: [B, m, H] → [B, m, H] and one number, null where nothing said there counts.</summary>
    public (Tensor Memory, Tensor? Loss) Run(int step, Tensor memory)
    {
        using var scope = NewDisposeScope();
        var segment = part.Batch.Steps[step];
        var output = Step(step, segment, memory);
        var handed = output.Memory.Tokens.MoveToOuterDisposeScope();                                    // [B, m, H]
        return (handed, model.Cost(part, step, segment, output.Hidden)?.MoveToOuterDisposeScope());
    }

    private AdapterOutput Step(int step, SegmentStep segment, Tensor memory)
    {
        part.Seeds.Sow(step);
        return model.Read(segment, new(memory));
    }
}
