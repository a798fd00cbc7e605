using TorchSharp;

namespace Rmt.Torch;

/// <summary>Work of a CUDA device that is recorded once and then started as one (a CUDA graph): what it costs the processor no longer depends on how many kernels it is.</summary>
/// <remarks>Inputs and outputs are tensors that stay where they are: the work reads and writes those it read and wrote when it was recorded. What it made on the way, and left for the caller to look at, is
/// there until another graph of the device runs, since all of them share one memory. On a CPU nothing is recorded, and the work is done again each time. Belongs to one thread; of several that record, each waits for the one before.</remarks>
public sealed class DeviceGraph : IDisposable
{
#if RMT_NATIVE
    // All graphs of a device are recorded on one stream: what another thread did there meanwhile would be recorded too.
    private static readonly Lock Recording = new();

    private readonly Action? again;
    private IntPtr graph;

    private DeviceGraph(Action? again, IntPtr graph) => (this.again, this.graph) = (again, graph);
#endif

    /// <summary>Why a device can have none, in one sentence; null where it can.</summary>
    public static string? Missing(torch.Device device)
    {
#if RMT_NATIVE
        if (device.type != DeviceType.CUDA) return null;
        return System.Runtime.InteropServices.Marshal.PtrToStringUTF8(TorchSharp.Interop.NativeMethods.rmt_graphs_missing()) is { Length: > 0 } reason ? reason : null;
#else
        return Provider.Lacks(nameof(DeviceGraph)).Message;
#endif
    }

    /// <summary>Does the work once, so that nothing is met for the first time while recording, and then records it.</summary>
    /// <param name="device">Where it is done.</param>
    /// <param name="work">Asks the device for nothing that the processor has to wait for. On a CUDA device it is called twice, and what it makes the second time is what replays make.</param>
    /// <exception cref="NotSupportedException">Another provider.</exception>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">It cannot be recorded. The device goes on as before.</exception>
    public static DeviceGraph Record(torch.Device device, Action work)
    {
#if RMT_NATIVE
        lock (Recording)
        {
            if (device.type != DeviceType.CUDA)
            {
                work();
                return new(work, IntPtr.Zero);
            }
            var graph = TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_graph_enter(device.index));
            try
            {
                work();
                TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_graph_begin(graph));
                work();
                TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_graph_end(graph));
                TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_graph_leave(graph));
            }
            catch
            {
                TorchSharp.Interop.NativeMethods.rmt_graph_free(graph);     // which leaves it first
                throw;
            }
            return new(null, graph);
        }
#else
        throw Provider.Lacks(nameof(DeviceGraph));
#endif
    }

    /// <summary>Starts the work, on the device's current stream.</summary>
    public void Replay()
    {
#if RMT_NATIVE
        if (again is not null)
        {
            again();
            return;
        }
        ObjectDisposedException.ThrowIf(graph == IntPtr.Zero, this);
        TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_graph_replay(graph));
#endif
    }

    /// <summary>Gives up the recording. The device may not be at it.</summary>
    public void Dispose()
    {
#if RMT_NATIVE
        if (graph != IntPtr.Zero) TorchSharp.Interop.NativeMethods.rmt_graph_free(graph);
        graph = IntPtr.Zero;
#endif
    }
}
