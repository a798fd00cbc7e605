using static TorchSharp.torch;

namespace Rmt.Bert;

/// <summary>Attention in several heads, from the projections on. B windows, L tokens, R rows that are read, d = H / heads.</summary>
public static class MultiHead
{
    /// <summary>[B, L, H] → [B, heads, L, d].</summary>
    public static Tensor Split(Tensor x, int heads) => x.unflatten(2, heads, -1).transpose(1, 2);

    /// <summary>Softmax(QKᵀ/√d)V, heads joined: [B, heads, R, d] and twice [B, heads, L, d] → [B, R, H].</summary>
    /// <param name="q">Queries, of the rows that are read.</param>
    /// <param name="k">Keys.</param>
    /// <param name="v">Values.</param>
    /// <param name="keys">Bool, true where a token may be looked at: [B, 1, 1, L], or [B, 1, R, L]; null: everywhere.</param>
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
