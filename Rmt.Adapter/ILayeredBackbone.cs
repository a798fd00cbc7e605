using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>A backbone whose layers can be looked at while they work. Reading documents does not need it; tracing one does.</summary>
/// <remarks>B documents side by side, L tokens of a window, H hidden size.</remarks>
public interface ILayeredBackbone : IBackbone
{
    /// <summary>Number of layers.</summary>
    int Layers { get; }

    /// <summary>Attention heads of a layer.</summary>
    int Heads { get; }

    /// <summary>As <see cref="IBackbone.Encode"/> for all rows, each layer shown when it is done.</summary>
    /// <param name="embeddings">[B, L, H], memory already in its place.</param>
    /// <param name="mask">[B, L] bool, false at padding; null when nothing is padded.</param>
    /// <param name="each">Called once a layer, in order.</param>
    /// <returns>[B, L, H]: the last layer's.</returns>
    Tensor Encode(Tensor embeddings, Tensor? mask, Action<LayerReading> each);
}

/// <summary>What a layer did. Its tensors are there only until the callback returns.</summary>
/// <param name="Layer">From 0.</param>
/// <param name="Hidden">[B, L, H]: its output.</param>
/// <param name="Attention">Computes [B, heads, L, L] when called: in row i what token i takes from each other, which sums to 1. The caller frees it.</param>
public readonly record struct LayerReading(int Layer, Tensor Hidden, Func<Tensor> Attention);
