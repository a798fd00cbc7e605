namespace Rmt.Torch;

/// <summary>Memory of tensors on the CPU: freed blocks are kept for the next tensors of their size.</summary>
/// <remarks>
/// Pages that go back to the system are cleared and mapped anew when they return; kept, they cost nothing. Not available with the TorchSharp
/// provider, where libtorch asks the system for every tensor: results are the same, slower.
/// </remarks>
public static class CpuMemory
{
    /// <summary>What may be kept where nobody says otherwise: 1 GiB.</summary>
    public const long DefaultLimit = 1L << 30;

    /// <summary>Bytes that are kept now and belong to no tensor.</summary>
    public static long Kept =>
#if RMT_NATIVE
        TorchSharp.Interop.NativeMethods.rmt_cpu_memory_kept();
#else
        0;
#endif

    /// <summary>How many bytes may be kept; what is above goes back to the system at once, what waited longest first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 0.</exception>
    /// <exception cref="NotSupportedException">Another provider.</exception>
    public static void SetLimit(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
#if RMT_NATIVE
        TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_cpu_memory_limit(bytes));
#else
        throw Provider.Lacks(nameof(CpuMemory));
#endif
    }
}
