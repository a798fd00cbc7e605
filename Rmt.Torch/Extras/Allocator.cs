using TorchSharp;

namespace Rmt.Torch;

/// <summary>Bytes of a device's memory: what tensors hold, and what libtorch has taken from the device for them; now, and at most since the peak was reset.</summary>
public readonly record struct MemoryStatistics(long Allocated, long AllocatedPeak, long Reserved, long ReservedPeak);

/// <summary>The memory that libtorch manages on CUDA devices.</summary>
public static class Allocator
{
    /// <exception cref="NotSupportedException">Another provider.</exception>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">No such CUDA device, or a libtorch before 2.9.</exception>
    public static MemoryStatistics Statistics(torch.Device device)
    {
#if RMT_NATIVE
        TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_cuda_memory(Index(device), out var memory));
        return new(memory.Allocated, memory.AllocatedPeak, memory.Reserved, memory.ReservedPeak);
#else
        throw Provider.Lacks(nameof(Allocator));
#endif
    }

    /// <summary>Peaks count from now on.</summary>
    /// <exception cref="NotSupportedException">Another provider.</exception>
    public static void ResetPeak(torch.Device device)
    {
#if RMT_NATIVE
        TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_cuda_reset_peak(Index(device)));
#else
        throw Provider.Lacks(nameof(Allocator));
#endif
    }

    /// <summary>Gives the devices back what no tensor holds.</summary>
    /// <exception cref="NotSupportedException">Another provider.</exception>
    public static void EmptyCache()
    {
#if RMT_NATIVE
        TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_cuda_empty_cache());
#else
        throw Provider.Lacks(nameof(Allocator));
#endif
    }

#if RMT_NATIVE
    private static int Index(torch.Device device) =>
        device.type == DeviceType.CUDA ? device.index : throw new ArgumentException($"memory statistics are of CUDA devices, not of {device}", nameof(device));
#endif
}
