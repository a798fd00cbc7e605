using Rmt.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>A recurrent step of one shape as a graph of the device: token ids and the places of memories go in, memories are changed where they are, and hidden states come out.</summary>
/// <remarks>A step's input is one copy out of pinned memory, on the stream that the graph runs on: it waits for the step before, and the processor for neither.</remarks>
internal sealed class RecordedStep : IDisposable
{
    private readonly RecurrentMemoryAdapter adapter;
    private readonly StepShape shape;
    private readonly Tensor input;          // [A (2 + L)] int64: A addresses, A lengths, A × L token ids
    private readonly Tensor spare;          // [A, m, H]: memories of rows that nobody gave
    private readonly long[] spareAddresses; // A
    private readonly DeviceGraph graph;
    private Tensor? hidden;                 // [A, R, H], in the graph's memory

    /// <param name="adapter">In evaluation mode.</param>
    /// <param name="shape">A, L and whether lengths count.</param>
    internal RecordedStep(RecurrentMemoryAdapter adapter, StepShape shape)
    {
        (this.adapter, this.shape) = (adapter, shape);
        using var scope = NewDisposeScope();
        var memory = adapter.InitialMemory(shape.Rows).Tokens;                                  // [A, m, H]
        spare = memory.clone().DetachFromDisposeScope();
        spareAddresses = RowsInPlace.Addresses([.. spare.unbind()]);
        input = empty([shape.Rows * (2 + shape.Window)], int64, adapter.Device).DetachFromDisposeScope();
        try
        {
            Tell([ReadOnlyMemory<int>.Empty], []);
            graph = DeviceGraph.Record(adapter.Device, Step);
        }
        catch
        {
            Free();
            throw;
        }
    }

    /// <summary>One segment each of some documents, whose memories are changed.</summary>
    /// <param name="segments">Content tokens; at most A, and of lengths that the shape has room for.</param>
    /// <param name="memories">Of each [m, H], in one run.</param>
    /// <returns>[segments, R, H]: a view of what is there until the next recorded step.</returns>
    internal Tensor Run(IReadOnlyList<ReadOnlyMemory<int>> segments, IReadOnlyList<Tensor> memories)
    {
        Tell(segments, RowsInPlace.Addresses(memories));
        graph.Replay();
        return hidden![..segments.Count];
    }

    // Rows that nobody gave hold the longest segment once more, which needs no mask that the others do not.
    private void Tell(IReadOnlyList<ReadOnlyMemory<int>> segments, long[] addresses)
    {
        var longest = segments.MaxBy(segment => segment.Length);
        var told = new long[shape.Rows * (2 + shape.Window)];
        for (var i = 0; i < shape.Rows; i++)
        {
            var segment = i < segments.Count ? segments[i] : longest;
            told[i] = i < addresses.Length ? addresses[i] : spareAddresses[i];
            told[shape.Rows + i] = adapter.Layout.WindowOf(segment.Length);
            adapter.Layout.Fill(segment.Span, told.AsSpan(2 * shape.Rows + i * shape.Window, shape.Window));
        }
        using var scope = NewDisposeScope();
        var host = tensor(told);
        _ = input.copy_(adapter.Device.type == DeviceType.CUDA ? host.pin_memory() : host, true);
    }

    private void Step()
    {
        using var scope = NewDisposeScope();
        var (rows, window) = (shape.Rows, shape.Window);
        var (addresses, lengths) = (input[..rows], input[rows..(2 * rows)]);                    // 2 × [A]
        var ids = input[(2 * rows)..].reshape(rows, window);                                    // [A, L]
        var mask = shape.Masked ? arange(window, dtype: int64, device: adapter.Device) < lengths.unsqueeze(1) : null;  // [A, L]
        var memory = RowsInPlace.Read(addresses, spare.shape.AsSpan(1), spare.dtype);           // [A, m, H]
        var output = adapter.call(new(ids, mask, null), new(memory));
        RowsInPlace.Write(addresses, output.Memory.Tokens);
        hidden?.Dispose();
        hidden = output.Hidden.DetachFromDisposeScope();
    }

    /// <summary>What it holds beside the graph's own memory.</summary>
    internal IEnumerable<Tensor> Held => [input, spare, hidden!];

    private void Free()
    {
        hidden?.Dispose();
        input.Dispose();
        spare.Dispose();
    }

    /// <summary>Frees its part of the device's memory. The device may not be at it.</summary>
    public void Dispose()
    {
        Free();
        graph.Dispose();
    }
}
