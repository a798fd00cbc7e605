using Rmt.Torch;
using static TorchSharp.torch;

namespace Rmt.Bert;

// The same layer in fewer steps, for learning on a device: queries, keys and values are one product, and what stands between two products is one step
// (FusedTraining) that keeps little. B windows, L tokens, R rows that are read, H hidden size.
public sealed partial class BertLayer
{
    internal override bool CanLearnFused => true;

    internal override Stream LearnFused(Stream x, Tensor? keys, Range rows)
    {
        using var scope = NewDisposeScope();
        var attended = attention.LearnFused(x, keys, rows);                                     // [B, R, H]
        return output.LearnFused(intermediate.LearnFused(attended.Narrow), attended.Wide).MoveToOuterDisposeScope();     // [B, R, H]
    }
}

internal sealed partial class BertAttention
{
    internal Stream LearnFused(Stream x, Tensor? keys, Range rows)
    {
        using var scope = NewDisposeScope();
        var read = rows.Equals(Range.All) ? x : new(x.Wide[.., rows], x.Narrow[.., rows]);      // [B, R, H]
        return output.LearnFused(self.LearnFused(read.Narrow, x.Narrow, keys), read.Wide).MoveToOuterDisposeScope();     // [B, R, H]
    }
}

internal sealed partial class BertSelfAttention
{
    internal Tensor LearnFused(Tensor read, Tensor x, Tensor? keys)
    {
        using var scope = NewDisposeScope();
        Tensor[] parts = ReferenceEquals(read, x) ? Products(x, query, key, value) : [Split(query.call(read)), .. Products(x, key, value)];
        return MultiHead.Attend(parts[0], parts[1], parts[2], keys, training ? dropout : 0).MoveToOuterDisposeScope();   // [B, R, H]
    }

    // [B, L, H] → of each layer [B, heads, L, d]
    private Tensor[] Products(Tensor x, params TorchSharp.Modules.Linear[] layers)
    {
        var weight = FusedTraining.Joined(x, [.. layers.Select(layer => (Tensor)layer.weight!)]);
        var bias = FusedTraining.Joined(x, [.. layers.Select(layer => (Tensor)layer.bias!)]);
        return FusedTraining.Projections(x, weight, bias, layers.Length, heads);
    }
}

internal sealed partial class BertIntermediate
{
    internal Tensor LearnFused(Tensor x) => activation.LearnFused(x, dense);                    // [B, R, I]
}

internal sealed partial class BertOutput
{
    internal Stream LearnFused(Tensor x, Tensor residual)
    {
        using var scope = NewDisposeScope();
        var product = nn.functional.linear(x, dense.weight!);                                   // [B, R, H]
        var (wide, narrow) = FusedTraining.DropoutAddNorm(product, dense.bias!, residual, LayerNorm.weight!, LayerNorm.bias!, training ? dropped : 0, eps);
        return new Stream(wide, narrow).MoveToOuterDisposeScope();
    }
}
