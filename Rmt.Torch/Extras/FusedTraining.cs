using TorchSharp;

namespace Rmt.Torch;

/// <summary>The element-wise parts of a layer that learns, each one step with a backward of its own that keeps little; and matrices whose products are one while they learn.</summary>
/// <remarks>On CUDA devices they are kernels of ours (<see cref="DeviceKernels"/>), elsewhere operations of libtorch, with the same dropout: a function of a seed that the CPU's
/// default generator gives and of an element's place. So whoever seeds that draws the same again, on every device. Sums are in float32.</remarks>
public static class FusedTraining
{
    private static readonly FusedKernels Kernels = new(device =>
    {
        var (rows, row) = (torch.zeros([1, 8], device: device), torch.ones([8], device: device));
        _ = DropoutAddNorm(rows, row, rows, row, row, 0, 1e-5);
        _ = BiasGelu(rows, row);
    });

    /// <summary>Why a CUDA device does without the kernels, in one sentence; null where it has them. The first question compiles some.</summary>
    public static string? Missing(torch.Device device) => Kernels.Missing(device);

    /// <summary>Whether layers with rows like these take the kernels.</summary>
    /// <param name="rows">[…, H]; a parameter's type and device are theirs.</param>
    public static bool IsFor(torch.Tensor rows) => rows.dtype is torch.ScalarType.Float32 or torch.ScalarType.BFloat16 or torch.ScalarType.Float16 && Kernels.Take(rows);

    /// <summary>LayerNorm(dropout(product + bias) + residual). It keeps the sum, and no mask.</summary>
    /// <param name="product">[…, H], of a product without a bias.</param>
    /// <param name="bias">[H]</param>
    /// <param name="residual">[…, H], in a wider type where products are cast.</param>
    /// <param name="gamma">The norm's scale: [H].</param>
    /// <param name="beta">The norm's shift: [H].</param>
    /// <param name="p">What share of the product is dropped, from 0 to below 1, to 1/131072.</param>
    /// <param name="eps">The norm's.</param>
    /// <returns>The result in the residual's type and in the product's; one tensor where they are one type. Gradients of both are added up within.</returns>
    /// <exception cref="NotSupportedException">Another provider.</exception>
    public static (torch.Tensor Wide, torch.Tensor Narrow) DropoutAddNorm(torch.Tensor product, torch.Tensor bias, torch.Tensor residual, torch.Tensor gamma, torch.Tensor beta, double p, double eps)
    {
#if RMT_NATIVE
        TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_dropout_add_norm(
            product.NativeHandle, bias.NativeHandle, residual.NativeHandle, gamma.NativeHandle, beta.NativeHandle, p, eps, out var first, out var second));
        var wide = torch.Tensor.Own(first);
        return (wide, torch.Tensor.OwnOrNull(second) ?? wide);
#else
        throw Provider.Lacks(nameof(FusedTraining));
#endif
    }

    /// <summary>gelu(x + bias). It keeps x alone.</summary>
    /// <param name="x">[…, I], of a product without a bias.</param>
    /// <param name="bias">[I]</param>
    /// <param name="tanh">The form by tanh (gelu_new); else by erf.</param>
    /// <exception cref="NotSupportedException">Another provider.</exception>
    public static torch.Tensor BiasGelu(torch.Tensor x, torch.Tensor bias, bool tanh = false)
    {
#if RMT_NATIVE
        return torch.Tensor.Own(TorchSharp.Interop.NativeMethods.rmt_bias_gelu(x.NativeHandle, bias.NativeHandle, tanh ? 1 : 0));
#else
        throw Provider.Lacks(nameof(FusedTraining));
#endif
    }

    /// <summary>Rows under rows in one tensor; gradients go back to each. Within an outermost scope of <see cref="Autocast"/> it is made once.</summary>
    /// <param name="like">Gives the type.</param>
    /// <param name="parts">Each [Rᵢ, …]; parameters, mostly.</param>
    /// <returns>[ΣRᵢ, …]</returns>
    /// <exception cref="NotSupportedException">Another provider.</exception>
    public static torch.Tensor Joined(torch.Tensor like, params torch.Tensor[] parts)
    {
#if RMT_NATIVE
        using var held = new TorchSharp.Interop.TensorAddresses(parts, required: true);
        return torch.Tensor.Own(TorchSharp.Interop.NativeMethods.rmt_joined(held.Addresses, held.Count, like.NativeHandle));
#else
        throw Provider.Lacks(nameof(FusedTraining));
#endif
    }

    /// <summary>x Wᵀ + b, cut into parts and heads: queries, keys and values as one product, whose bias gets its gradient while theirs are put side by side.</summary>
    /// <param name="x">[B, L, K]</param>
    /// <param name="weight">[n H, K], of the type of <paramref name="x"/>: <see cref="Joined"/>.</param>
    /// <param name="bias">[n H], likewise.</param>
    /// <param name="parts">n.</param>
    /// <param name="heads">Of each part.</param>
    /// <returns>n × [B, heads, L, H / heads], over one memory.</returns>
    /// <exception cref="NotSupportedException">Another provider.</exception>
    public static torch.Tensor[] Projections(torch.Tensor x, torch.Tensor weight, torch.Tensor bias, int parts, int heads)
    {
#if RMT_NATIVE
        var made = new IntPtr[parts];
        TorchSharp.Interop.ErrorSlot.Check(TorchSharp.Interop.NativeMethods.rmt_projections(x.NativeHandle, weight.NativeHandle, bias.NativeHandle, heads, made, parts));
        return Array.ConvertAll(made, torch.Tensor.Own);
#else
        throw Provider.Lacks(nameof(FusedTraining));
#endif
    }
}
