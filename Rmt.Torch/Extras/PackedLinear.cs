using TorchSharp;

namespace Rmt.Torch;

/// <summary>A dense layer x Wᵀ + b for reading alone, whose weight is kept a second time, in the order in which the processor multiplies.</summary>
/// <remarks>It follows its weights: once one of them has changed, moved or got another type, it says so by computing nothing. There is one in bfloat16 on a CPU with
/// AVX-512 and libtorch 2, where a product of a BERT then takes half to two thirds of the time; with another provider there is none.</remarks>
public sealed class PackedLinear : IDisposable
{
#if RMT_NATIVE
    private readonly torch.Tensor packed;                                                       // what oneDNN makes of [N, K]
    private readonly torch.Tensor? bias;                                                        // [N]
    private readonly IReadOnlyList<torch.Tensor> parts;                                         // the weights and biases it was made of; not owned
    private readonly long[] versions;

    private PackedLinear(torch.Tensor packed, torch.Tensor? bias, IReadOnlyList<torch.Tensor> parts) =>
        (this.packed, this.bias, this.parts, versions) = (packed, bias, parts, [.. parts.Select(Version)]);
#endif

    /// <summary>Packs a layer, or several with the same input as one.</summary>
    /// <param name="weights">Each [Nᵢ, K].</param>
    /// <param name="biases">Each [Nᵢ]; as many.</param>
    /// <returns>null where nothing is gained, or nothing is there to pack with.</returns>
    public static PackedLinear? Of(IReadOnlyList<torch.Tensor> weights, IReadOnlyList<torch.Tensor> biases)
    {
#if RMT_NATIVE
        using var scope = torch.NewDisposeScope();
        using var mode = torch.no_grad();
        var whole = weights.Count == 1 ? weights[0] : torch.cat([.. weights], 0);               // [N, K]
        TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_pack_linear(whole.NativeHandle, out var packed));
        if (packed == IntPtr.Zero) return null;
        var (kept, bias) = (torch.Tensor.Own(packed), torch.cat([.. biases], 0));               // [N]
        return new(kept.DetachFromDisposeScope(), bias.DetachFromDisposeScope(), [.. weights, .. biases]);
#else
        return null;
#endif
    }

    /// <summary>x Wᵀ + b, and then the residual added or the exact GELU taken, before anything is rounded: [.., K] → [.., N].</summary>
    /// <param name="x">[.., K], of the weights' type.</param>
    /// <param name="residual">[.., N], or null.</param>
    /// <param name="gelu">Not together with a residual.</param>
    /// <returns>null where gradients are wanted, or the weights are not any more what they were.</returns>
    public torch.Tensor? Apply(torch.Tensor x, torch.Tensor? residual = null, bool gelu = false)
    {
#if RMT_NATIVE
        if (torch.is_grad_enabled() || x.dtype != packed.dtype || x.device.type != DeviceType.CPU || !Current()) return null;
        return torch.Tensor.Own(TorchSharp.Interop.NativeMethods.rmt_packed_linear(packed.NativeHandle, x.NativeHandle, torch.Tensor.HandleOrNone(bias),
            torch.Tensor.HandleOrNone(residual), gelu ? 1 : 0));
#else
        return null;
#endif
    }

    /// <summary>Frees the second copy.</summary>
    public void Dispose()
    {
#if RMT_NATIVE
        packed.Dispose();
        bias?.Dispose();
#endif
    }

#if RMT_NATIVE
    private bool Current()
    {
        for (var i = 0; i < parts.Count; i++)
            if (parts[i].dtype != packed.dtype || parts[i].device.type != DeviceType.CPU || Version(parts[i]) != versions[i]) return false;
        return true;
    }

    private static long Version(torch.Tensor tensor)
    {
        TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_tensor_version(tensor.NativeHandle, out var version));
        return version;
    }
#endif
}
