using TorchSharp;

namespace Rmt.Torch;

/// <summary>What stands between an encoder's products where nothing is learnt, each as one step: a layer is then its four products, attention, and three of these or two.</summary>
/// <remarks>On CUDA devices in bfloat16 and float16 they are kernels of ours (<see cref="DeviceKernels"/>), elsewhere operations of libtorch. Sums are in float32, and what comes out is rounded once;
/// so they are nearer to float32 than the steps they stand for. None has a gradient.</remarks>
public static class FusedReading
{
    private static readonly FusedKernels Kernels = new(device =>
    {
        var (rows, row) = (torch.zeros([1, 8], torch.ScalarType.BFloat16, device), torch.ones([8], torch.ScalarType.BFloat16, device));
        _ = AddNorm(rows, row, rows, row, row, 1e-5);
        _ = LinearGelu(rows, torch.ones([8, 8], torch.ScalarType.BFloat16, device), row);
    });

    /// <summary>Why a CUDA device does without the kernels, in one sentence; null where it has them. The first question compiles some.</summary>
    public static string? Missing(torch.Device device) => Kernels.Missing(device);

    /// <summary>Whether layers with rows like these are faster by the kernels.</summary>
    /// <param name="rows">[…, H]</param>
    public static bool IsFor(torch.Tensor rows) => rows.dtype is torch.ScalarType.BFloat16 or torch.ScalarType.Float16 && Kernels.Take(rows);

    /// <summary>LayerNorm(product + bias + residual).</summary>
    /// <param name="product">[…, H], of a product without a bias.</param>
    /// <param name="bias">[H]</param>
    /// <param name="residual">[…, H]; it may be the first rows of each window of more.</param>
    /// <param name="gamma">The norm's scale: [H].</param>
    /// <param name="beta">The norm's shift: [H].</param>
    /// <param name="eps">The norm's.</param>
    /// <returns>[…, H]</returns>
    /// <exception cref="NotSupportedException">Another provider.</exception>
    public static torch.Tensor AddNorm(torch.Tensor product, torch.Tensor bias, torch.Tensor residual, torch.Tensor gamma, torch.Tensor beta, double eps)
    {
#if RMT_NATIVE
        return torch.Tensor.Own(TorchSharp.Interop.NativeMethods.rmt_add_norm(product.NativeHandle, bias.NativeHandle, residual.NativeHandle, gamma.NativeHandle, beta.NativeHandle, eps));
#else
        throw Provider.Lacks(nameof(FusedReading));
#endif
    }

    /// <summary>LayerNorm(source + position + type), the source memory where it has its place, else the word's row.</summary>
    /// <param name="tokenIds">[A, L] int64</param>
    /// <param name="words">[V, E]</param>
    /// <param name="positions">[L, E]</param>
    /// <param name="type">[E]; null: there is none.</param>
    /// <param name="memory">[A, m, E]</param>
    /// <param name="first">The row that memory begins at.</param>
    /// <param name="gamma">The norm's scale: [E].</param>
    /// <param name="beta">The norm's shift: [E].</param>
    /// <param name="eps">The norm's.</param>
    /// <returns>[A, L, E]</returns>
    /// <exception cref="NotSupportedException">Another provider.</exception>
    public static torch.Tensor EmbedNorm(torch.Tensor tokenIds, torch.Tensor words, torch.Tensor positions, torch.Tensor? type, torch.Tensor memory, long first, torch.Tensor gamma, torch.Tensor beta, double eps)
    {
#if RMT_NATIVE
        return torch.Tensor.Own(TorchSharp.Interop.NativeMethods.rmt_embed_norm(tokenIds.NativeHandle, words.NativeHandle, positions.NativeHandle, torch.Tensor.HandleOrNone(type), memory.NativeHandle, first,
            gamma.NativeHandle, beta.NativeHandle, eps));
#else
        throw Provider.Lacks(nameof(FusedReading));
#endif
    }

    /// <summary>gelu(x Wᵀ + b).</summary>
    /// <param name="x">[…, K]</param>
    /// <param name="weight">[N, K]</param>
    /// <param name="bias">[N]</param>
    /// <param name="tanh">The form by tanh (gelu_new), which on a CUDA device is taken within the product; else by erf.</param>
    /// <returns>[…, N]</returns>
    /// <exception cref="NotSupportedException">Another provider.</exception>
    public static torch.Tensor LinearGelu(torch.Tensor x, torch.Tensor weight, torch.Tensor bias, bool tanh = false)
    {
#if RMT_NATIVE
        return torch.Tensor.Own(TorchSharp.Interop.NativeMethods.rmt_linear_gelu(x.NativeHandle, weight.NativeHandle, bias.NativeHandle, tanh ? 1 : 0));
#else
        throw Provider.Lacks(nameof(FusedReading));
#endif
    }
}
