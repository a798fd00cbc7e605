using Rmt.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>A recurrent step of one shape as a graph of the device: token ids and the places of memories go in, memories are written where they shall be, and hidden states come out.</summary>
/// <remarks>A step's input is one copy out of pinned memory, on the stream that the graph runs on: it waits for the step before, and the processor for neither.</remarks>
internal sealed class RecordedStep : IDisposable
{
    private readonly RecurrentMemoryAdapter adapter;
    private readonly StepShape shape;
    private readonly Tensor input;          // [A (3 + L)] int64: A addresses of memories, A of where they go, A lengths, A × L token ids
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
        try
        {
            spare = adapter.InitialMemory(shape.Rows).Tokens.clone().DetachFromDisposeScope();  // [A, m, H]
            spareAddresses = RowsInPlace.Addresses([.. spare.unbind()]);
            input = empty([shape.Rows * (3 + shape.Window)], int64, adapter.Device).DetachFromDisposeScope();
            Tell([ReadOnlyMemory<int>.Empty], [], []);
            graph = DeviceGraph.Record(adapter.Device, Step);
        }
        catch
        {
            Free();
            throw;
        }
    }

    /// <summary>One segment each of some documents.</summary>
    /// <param name="segments">Content tokens; at most A, and of lengths that the shape has room for.</param>
    /// <param name="memories">Of each [m, H], in one run.</param>
    /// <param name="written">Where the memories go that they leave: of each [m, H], in one run; may be <paramref name="memories"/>.</param>
    /// <returns>[segments, R, H]: a view of what is there until the next recorded step.</returns>
    internal Tensor Run(IReadOnlyList<ReadOnlyMemory<int>> segments, IReadOnlyList<Tensor> memories, IReadOnlyList<Tensor> written)
    {
        Tell(segments, RowsInPlace.Addresses(memories), RowsInPlace.Addresses(written));
        graph.Replay();
        return hidden![..segments.Count];
    }

    // Rows that nobody gave hold the longest segment once more, which needs no mask that the others do not.
    private void Tell(IReadOnlyList<ReadOnlyMemory<int>> segments, long[] from, long[] to)
    {
        var longest = segments.MaxBy(segment => segment.Length);
        var told = new long[shape.Rows * (3 + shape.Window)];
        for (var i = 0; i < shape.Rows; i++)
        {
            var segment = i < segments.Count ? segments[i] : longest;
            told[i] = i < from.Length ? from[i] : spareAddresses[i];
            told[shape.Rows + i] = i < to.Length ? to[i] : spareAddresses[i];
            told[2 * shape.Rows + i] = adapter.Layout.WindowOf(segment.Length);
            adapter.Layout.Fill(segment.Span, told.AsSpan(3 * shape.Rows + i * shape.Window, shape.Window));
        }
        using var scope = NewDisposeScope();
        var host = tensor(told);
        _ = input.copy_(adapter.Device.type == DeviceType.CUDA ? host.pin_memory() : host, true);
    }

    private void Step()
    {
        using var scope = NewDisposeScope();
        var (rows, window) = (shape.Rows, shape.Window);
        var (from, to, lengths) = (input[..rows], input[rows..(2 * rows)], input[(2 * rows)..(3 * rows)]);     // 3 × [A]
        var ids = input[(3 * rows)..].reshape(rows, window);                                    // [A, L]
        var mask = shape.Masked ? arange(window, dtype: int64, device: adapter.Device) < lengths.unsqueeze(1) : null;  // [A, L]
        var memory = RowsInPlace.Read(from, spare.shape.AsSpan(1), spare.dtype);                // [A, m, H]
        var output = adapter.call(new(ids, mask, null), new(memory));
        RowsInPlace.Write(to, output.Memory.Tokens);
        hidden?.Dispose();
        hidden = output.Hidden.DetachFromDisposeScope();
    }

    /// <summary>What it holds beside the graph's own memory.</summary>
    internal IEnumerable<Tensor> Held => [input, spare, hidden!];

    private void Free()
    {
        hidden?.Dispose();
        input?.Dispose();
        spare?.Dispose();
    }

    /// <summary>Frees its part of the device's memory. The device may not be at it.</summary>
    public void Dispose()
    {
        Free();
        graph.Dispose();
    }
}
