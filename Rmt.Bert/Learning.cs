using Rmt.Torch;
using static TorchSharp.torch;

namespace Rmt.Bert;

/// <summary>Where the layers of an encoder learn and read in fused steps.</summary>
public enum Fusion
{
    /// <summary>On CUDA devices that have the kernels (<see cref="FusedTraining"/>, <see cref="FusedReading"/>).</summary>
    OnDevices,

    /// <summary>On every device, where a provider has the steps: slower on a CPU, and what the kernels are held against.</summary>
    Everywhere,

    /// <summary>Nowhere: layers learn and read as they are written.</summary>
    Never,
}

// Hidden states between two layers: in the type that sums and residuals are kept in, and in the one that products are computed in. One tensor where both are one type.
internal readonly record struct Stream(Tensor Wide, Tensor Narrow)
{
    public bool IsOne => ReferenceEquals(Wide, Narrow);

    public Stream MoveToOuterDisposeScope()
    {
        if (!IsOne) Narrow.MoveToOuterDisposeScope();
        return new(Wide.MoveToOuterDisposeScope(), Narrow);
    }

    public void Dispose()
    {
        if (!IsOne) Narrow.Dispose();
        Wide.Dispose();
    }
}

public sealed partial class EncoderLayers
{
    /// <summary>Where layers learn and read in fused steps. Layers that have no such steps do so as they are written.</summary>
    public Fusion Fusion { get; set; }

    /// <summary>Whether a layer's inside is not kept while learning, but run again for its gradients, with the same dropout: memory for time.</summary>
    public bool Recomputes { get; set; }

    private bool Fuses(Tensor x) => training && layer.Count > 0 && Fusion != Fusion.Never && layer.All(one => one.CanLearnFused)
        && (Fusion == Fusion.Everywhere || FusedTraining.IsFor(x));

    // [B, L, H], keys [B, 1, 1, L] or null → [B, R, H]
    private Tensor Learn(Tensor x, Tensor? keys, Range rows, bool fused)
    {
        var stream = fused && Autocast.Now(x.device) is { } narrow ? new(x.to(float32), x.to(narrow)) : Plain(x);
        for (var i = 0; i < layer.Count; i++)
        {
            var (one, read) = (layer[i], i == layer.Count - 1 ? rows : Range.All);
            (Tensor, Tensor) Step(Tensor wide, Tensor narrow, Tensor? keys)
            {
                var y = fused ? one.LearnFused(new(wide, narrow), keys, read) : Plain(one.call(wide, keys, read));
                return (y.Wide, y.Narrow);
            }
            var (nextWide, nextNarrow) = Recomputes ? Recomputation.Run(Step, stream.Wide, stream.Narrow, keys) : Step(stream.Wide, stream.Narrow, keys);
            if (i > 0) stream.Dispose();
            stream = new(nextWide, nextNarrow);
        }
        return stream.Wide;
    }

    private static Stream Plain(Tensor x) => new(x, x);
}
