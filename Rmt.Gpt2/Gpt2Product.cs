using static TorchSharp.torch;

namespace Rmt.Gpt2;

/// <summary>x Wᵀ + b as libtorch's linear has it, and faster where x is a single row: a token that is gone on with.</summary>
/// <remarks>OpenBLAS puts the matrix of any product of matrices into an order of its own first, which for one row costs more than the product; with a vector it
/// reads it once.</remarks>
internal static class Gpt2Product
{
    /// <summary>[.., in] → [.., out].</summary>
    /// <param name="x">Any number of rows.</param>
    /// <param name="weight">[out, in].</param>
    /// <param name="bias">[out], or null.</param>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor? bias = null)
    {
        if (x.numel() != x.shape[^1]) return nn.functional.linear(x, weight, bias);
        using var scope = NewDisposeScope();
        var y = weight.matmul(x.flatten());                                                     // [out]
        if (bias is not null) y = y + bias;
        return y.view([.. x.shape[..^1], weight.shape[0]]).MoveToOuterDisposeScope();
    }
}
