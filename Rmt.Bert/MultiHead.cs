using Rmt.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Bert;

/// <summary>Attention in several heads, from the projections on. B windows, L tokens, R rows that are read, d = H / heads.</summary>
public static class MultiHead
{
    /// <summary>[B, L, H] → [B, heads, L, d].</summary>
    public static Tensor Split(Tensor x, int heads) => x.unflatten(2, heads, -1).transpose(1, 2);

    /// <summary>Several layers with one input, without gradients: one product where their weights lie side by side (<see cref="SideBySide"/>). [B, L, K] → of each [B, heads, L, d].</summary>
    public static Tensor[] Project(Tensor x, int heads, params Linear[] layers)
    {
        using var scope = NewDisposeScope();
        var weight = SideBySide.Whole([.. layers.Select(layer => (Tensor)layer.weight!)]);
        var bias = SideBySide.Whole([.. layers.Select(layer => (Tensor)layer.bias!)]);
        var parts = weight is not null && bias is not null
            ? Parts(nn.functional.linear(x, weight, bias), layers.Length, heads)
            : layers.Select(layer => Split(layer.call(x), heads));
        return [.. parts.Select(part => part.MoveToOuterDisposeScope())];
    }

    /// <summary>One product of several layers, taken apart: [B, L, n H] → n × [B, heads, L, d].</summary>
    internal static IEnumerable<Tensor> Parts(Tensor product, int parts, int heads) => product.unflatten(2, parts, heads, -1).unbind(2).Select(part => part.transpose(1, 2));

    /// <summary>Softmax(QKᵀ/√d)V, heads joined: [B, heads, R, d] and twice [B, heads, L, d] → [B, R, H].</summary>
    /// <param name="q">Queries, of the rows that are read.</param>
    /// <param name="k">Keys.</param>
    /// <param name="v">Values.</param>
    /// <param name="keys">Bool, true where a token may be looked at, or what is added to the scores: [B, 1, 1, L], or [B, 1, R, L]; null: everywhere.</param>
    /// <param name="dropout">Of the shares that are taken.</param>
    public static Tensor Attend(Tensor q, Tensor k, Tensor v, Tensor? keys, double dropout)
    {
        using var scope = NewDisposeScope();
        var y = nn.functional.scaled_dot_product_attention(q, k, v, keys, dropout);             // [B, heads, R, d]
        return y.transpose(1, 2).flatten(2).MoveToOuterDisposeScope();                          // [B, R, H]
    }

    /// <summary>Softmax(QKᵀ/√d), which <see cref="Attend"/> multiplies V with without ever holding it: [B, heads, L, L].</summary>
    public static Tensor Probabilities(Tensor q, Tensor k, Tensor? keys)
    {
        using var scope = NewDisposeScope();
        var scores = q.matmul(k.transpose(-2, -1)) / Math.Sqrt(q.shape[^1]);                    // [B, heads, L, L]
        if (keys is not null) scores = scores.masked_fill(keys.logical_not(), double.NegativeInfinity);
        return nn.functional.softmax(scores, -1).MoveToOuterDisposeScope();
    }
}
