using Rmt.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Bert;

/// <summary>A layer of an encoder: [B, L, H], keys [B, 1, 1, L] or null, and the rows that will be read → [B, R, H].</summary>
/// <param name="name">What it is called in messages.</param>
public abstract class EncoderLayer(string name) : nn.Module<Tensor, Tensor?, Range, Tensor>(name)
{
    /// <summary>What each token takes from each other, which sums to 1: [B, heads, L, L].</summary>
    public abstract Tensor Attention(Tensor x, Tensor? keys);

    // Whether it has fused steps to learn with, and itself made of them; see Learning.cs.
    internal virtual bool CanLearnFused => false;

    internal virtual Stream LearnFused(Stream x, Tensor? keys, Range rows) => throw new NotSupportedException($"{GetName()} has no fused steps");

    /// <summary>Whether it has fused steps to read with (<see cref="FusedReading"/>).</summary>
    public virtual bool CanReadFused => false;

    /// <summary>The layer in these, where nothing is learnt; keys are bool, or what attention adds to its scores.</summary>
    /// <param name="x">[B, L, H]</param>
    /// <param name="keys">[B, 1, 1, L], or null.</param>
    /// <param name="rows">That will be read.</param>
    /// <param name="fastGelu">Whether an activation <c>gelu</c> takes its tanh form.</param>
    /// <returns>[B, R, H]</returns>
    public virtual Tensor ReadFused(Tensor x, Tensor? keys, Range rows, bool fastGelu) => throw new NotSupportedException($"{GetName()} has no fused steps");

    /// <summary>Puts weights in the order in which reading wants them, where the layer has one.</summary>
    public virtual void PrepareReading()
    {
    }
}

/// <summary>Layers one after another. B windows, L tokens, R rows that are read, H hidden size.</summary>
public sealed partial class EncoderLayers : nn.Module<Tensor, Tensor?, Range, Tensor>
{
    private readonly ModuleList<EncoderLayer> layer;

    /// <param name="layers">First to last; freed with the stack.</param>
    public EncoderLayers(IEnumerable<EncoderLayer> layers) : base(nameof(EncoderLayers))
    {
        layer = nn.ModuleList(layers.ToArray());
        RegisterComponents();
    }

    /// <summary>[B, L, H], a mask [B, L] or null, and the rows of the last layer that will be read → [B, R, H].</summary>
    public override Tensor forward(Tensor x, Tensor? mask, Range rows)
    {
        if (ReadsFused(x)) return Read(x, mask, rows);
        using var scope = NewDisposeScope();
        var keys = Keys(mask);
        var fused = Fuses(x);
        if (fused || Recomputes) return Learn(x, keys, rows, fused).MoveToOuterDisposeScope();
        for (var i = 0; i < layer.Count; i++)
        {
            var next = layer[i].call(x, keys, i == layer.Count - 1 ? rows : Range.All);         // [B, L, H], at last [B, R, H]
            if (i > 0) x.Dispose();
            x = next;
        }
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>The output of every layer, in order, each [B, L, H]; the caller frees them.</summary>
    public IReadOnlyList<Tensor> Layers(Tensor x, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var keys = Keys(mask);
        var outputs = new List<Tensor>();
        foreach (var one in layer)
        {
            x = one.call(x, keys, Range.All);
            outputs.Add(x);
        }
        foreach (var output in outputs) output.MoveToOuterDisposeScope();
        return outputs;
    }

    /// <summary>As <see cref="forward"/> for all rows, every layer shown: its number from 0, its output, and what computes its attention [B, heads, L, L].</summary>
    public Tensor Trace(Tensor x, Tensor? mask, Action<int, Tensor, Func<Tensor>> each)
    {
        using var scope = NewDisposeScope();
        var keys = Keys(mask);
        for (var i = 0; i < layer.Count; i++)
        {
            using var shown = NewDisposeScope();
            var (input, one) = (x, layer[i]);
            x = one.call(input, keys, Range.All);                                               // [B, L, H]
            each(i, x, () => one.Attention(input, keys));
            if (i > 0) input.Dispose();
            _ = x.MoveToOuterDisposeScope();
        }
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>Each layer's; see <see cref="EncoderLayer.PrepareReading"/>.</summary>
    public void PrepareReading()
    {
        foreach (var one in layer) one.PrepareReading();
    }

    private static Tensor? Keys(Tensor? mask) => mask?.unsqueeze(1).unsqueeze(1);               // [B, 1, 1, L]
}
