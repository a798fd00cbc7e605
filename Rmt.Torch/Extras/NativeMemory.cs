using TorchSharp;

namespace Rmt.Torch;

/// <summary>Tensors over memory that somebody else owns, mapped files above all: nothing is copied, and there is no limit at 2 GB.</summary>
public static unsafe class NativeMemory
{
    /// <param name="address">The first element. Must stay valid until <paramref name="release"/> is called, and be writable if the tensor is written to.</param>
    /// <param name="shape">Its elements lie one after another.</param>
    /// <param name="type">Of the elements.</param>
    /// <param name="release">Called once, from any thread, when nothing needs the memory any more, views and graphs included. Must not throw.</param>
    /// <exception cref="NotSupportedException">Another provider.</exception>
    public static torch.Tensor Tensor(IntPtr address, ReadOnlySpan<long> shape, torch.ScalarType type, Action release)
    {
        ArgumentNullException.ThrowIfNull(release);
#if RMT_NATIVE
        if (address == IntPtr.Zero) throw new ArgumentNullException(nameof(address));
        var owner = System.Runtime.InteropServices.GCHandle.Alloc(release);
        try
        {
            return torch.Tensor.Own(TorchSharp.Interop.NativeMethods.rmt_from_memory(address, shape, shape.Length, (int)type, &Release,
                System.Runtime.InteropServices.GCHandle.ToIntPtr(owner)));
        }
        catch
        {
            owner.Free();
            throw;
        }
#else
        throw Provider.Lacks(nameof(NativeMemory));
#endif
    }

#if RMT_NATIVE
    [System.Runtime.InteropServices.UnmanagedCallersOnly]
    private static void Release(IntPtr owner)
    {
        var handle = System.Runtime.InteropServices.GCHandle.FromIntPtr(owner);
        var release = (Action)handle.Target!;
        handle.Free();
        release();
    }
#endif
}
