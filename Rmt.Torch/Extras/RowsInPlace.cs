using TorchSharp;

namespace Rmt.Torch;

/// <summary>Tensors of one shape that lie anywhere on a device, read and written as the rows of one: what a recorded step is told of them is where they are.</summary>
/// <remarks>An address says nothing of who owns the tensor: it has to be there, and stay what it is, until the device has done what was asked.</remarks>
public static class RowsInPlace
{
    /// <summary>Where tensors begin. Each lies in one run.</summary>
    /// <exception cref="NotSupportedException">Another provider.</exception>
    public static long[] Addresses(IReadOnlyList<torch.Tensor> tensors)
    {
#if RMT_NATIVE
        var addresses = new long[tensors.Count];
        using var held = new TorchSharp.Interop.TensorAddresses([.. tensors], required: true);
        TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_addresses(held.Addresses, held.Count, addresses));
        return addresses;
#else
        throw Provider.Lacks(nameof(RowsInPlace));
#endif
    }

    /// <summary>What lies there, brought together.</summary>
    /// <param name="addresses">[A] int64, on the device: of A tensors.</param>
    /// <param name="shape">Of each.</param>
    /// <param name="type">Of each; on a CUDA device one of two bytes, and a multiple of 8 numbers.</param>
    /// <returns>[A, …shape]</returns>
    /// <exception cref="NotSupportedException">Another provider.</exception>
    public static torch.Tensor Read(torch.Tensor addresses, ReadOnlySpan<long> shape, torch.ScalarType type)
    {
#if RMT_NATIVE
        return torch.Tensor.Own(TorchSharp.Interop.NativeMethods.rmt_rows_at(addresses.NativeHandle, shape, shape.Length, (int)type));
#else
        throw Provider.Lacks(nameof(RowsInPlace));
#endif
    }

    /// <summary>Writes a row to each.</summary>
    /// <param name="addresses">[A] int64, on the device: of A different tensors.</param>
    /// <param name="rows">[A, …], what goes to one address in one run.</param>
    /// <exception cref="NotSupportedException">Another provider.</exception>
    public static void Write(torch.Tensor addresses, torch.Tensor rows)
    {
#if RMT_NATIVE
        TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_put_rows_at(addresses.NativeHandle, rows.NativeHandle));
#else
        throw Provider.Lacks(nameof(RowsInPlace));
#endif
    }
}
