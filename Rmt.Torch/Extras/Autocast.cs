using TorchSharp;

namespace Rmt.Torch;

/// <summary>Products in a narrow type, while parameters and what needs the range (norms, softmax, losses) stay in float32: libtorch's own lists decide which is which.</summary>
/// <remarks>Belongs to its thread, as scopes and modes do: never <see langword="await"/> inside one. The backward pass needs none: it runs in the types of the forward pass.</remarks>
public static class Autocast
{
    /// <summary>Casts on the devices of one kind until it is disposed; what was set before then comes back.</summary>
    /// <param name="device">The kind of device, CPU or CUDA; its number means nothing.</param>
    /// <param name="type">bfloat16 or float16.</param>
    /// <param name="enabled">False: no casts inside, where there are some around.</param>
    /// <exception cref="NotSupportedException">Another provider.</exception>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">Another device or type.</exception>
    public static IDisposable Begin(torch.Device device, torch.ScalarType type = torch.ScalarType.BFloat16, bool enabled = true)
    {
#if RMT_NATIVE
        return new Guard(TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_autocast_enter((int)device.type, (int)type, enabled ? 1 : 0)));
#else
        throw Provider.Lacks(nameof(Autocast));
#endif
    }

    /// <summary>What products are cast to on the devices of a kind, on this thread; null where they are not, as with another provider.</summary>
    /// <param name="device">CPU or CUDA; its number means nothing.</param>
    public static torch.ScalarType? Now(torch.Device device)
    {
#if RMT_NATIVE
        TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_autocast_now((int)device.type, out var type));
        return type < 0 ? null : (torch.ScalarType)type;
#else
        return null;
#endif
    }

#if RMT_NATIVE
    private sealed class Guard(IntPtr guard) : IDisposable
    {
        private IntPtr guard = guard;

        public void Dispose()
        {
            if (guard != IntPtr.Zero) TorchSharp.Interop.NativeMethods.rmt_autocast_leave(guard);
            guard = IntPtr.Zero;
        }
    }
#endif
}
