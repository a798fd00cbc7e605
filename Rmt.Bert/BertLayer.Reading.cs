using Rmt.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Bert;

// The same layer in fewer steps, for reading on a device: four products and attention, and what stands between two of them is one step (FusedReading).
// B windows, L tokens, R rows that are read, H hidden size.
public sealed partial class BertLayer
{
    /// <inheritdoc/>
    public override bool CanReadFused => true;

    /// <inheritdoc/>
    public override Tensor ReadFused(Tensor x, Tensor? keys, Range rows, bool fastGelu)
    {
        using var scope = NewDisposeScope();
        var attended = attention.ReadFused(x, keys, rows);                                      // [B, R, H]
        return output.ReadFused(intermediate.ReadFused(attended, fastGelu), attended).MoveToOuterDisposeScope();     // [B, R, H]
    }
}

internal sealed partial class BertAttention
{
    internal Tensor ReadFused(Tensor x, Tensor? keys, Range rows)
    {
        using var scope = NewDisposeScope();
        var read = rows.Equals(Range.All) ? x : x[.., rows];                                    // [B, R, H]
        return output.ReadFused(self.ReadFused(read, x, keys), read).MoveToOuterDisposeScope(); // [B, R, H]
    }
}

internal sealed partial class BertSelfAttention
{
    internal Tensor ReadFused(Tensor read, Tensor x, Tensor? keys)
    {
        using var scope = NewDisposeScope();
        Tensor[] parts = ReferenceEquals(read, x) ? MultiHead.Project(x, heads, query, key, value)
            : [.. MultiHead.Project(read, heads, query), .. MultiHead.Project(x, heads, key, value)];
        return MultiHead.Attend(parts[0], parts[1], parts[2], keys, 0).MoveToOuterDisposeScope();       // [B, R, H]
    }
}

internal sealed partial class BertIntermediate
{
    internal Tensor ReadFused(Tensor x, bool fastGelu) => activation.ReadFused(x, dense, fastGelu);      // [B, R, I]
}

internal sealed partial class BertOutput
{
    internal Tensor ReadFused(Tensor x, Tensor residual)
    {
        using var scope = NewDisposeScope();
        var product = nn.functional.linear(x, dense.weight!);                                   // [B, R, H]
        return FusedReading.AddNorm(product, dense.bias!, residual, LayerNorm.weight!, LayerNorm.bias!, eps).MoveToOuterDisposeScope();     // [B, R, H]
    }
}
