using TorchSharp;

namespace Rmt.Torch;

/// <summary>Several matrices as the rows of one, so that products with the same input are one product. No second copy: the matrices stay what they are.</summary>
/// <remarks>With another provider they stay where they are too, and are never one.</remarks>
public static class SideBySide
{
    /// <summary>Moves the numbers of tensors of one type, device and width into one memory, row after row. Moving them again, to another device or type, ends that.</summary>
    /// <param name="tensors">Each [Rᵢ, …]; parameters, mostly. Nobody may be computing with them.</param>
    /// <exception cref="ArgumentException">They have no rows, or differ in more than the number of them.</exception>
    public static void Put(params torch.Tensor[] tensors)
    {
#if RMT_NATIVE
        using var held = new TorchSharp.Interop.TensorAddresses(tensors, required: true);
        TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_side_by_side(held.Addresses, held.Count));
#endif
    }

    /// <summary>The tensors as one [ΣRᵢ, …], which shares their memory and has no gradient; null where they do not lie side by side.</summary>
    public static torch.Tensor? Whole(params ReadOnlySpan<torch.Tensor> tensors)
    {
#if RMT_NATIVE
        using var held = new TorchSharp.Interop.TensorAddresses(tensors.ToArray(), required: true);
        TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_whole(held.Addresses, held.Count, out var whole));
        return whole == IntPtr.Zero ? null : torch.Tensor.Own(whole);
#else
        return null;
#endif
    }
}
