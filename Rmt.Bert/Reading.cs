using Rmt.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Bert;

// Layers that read in fused steps (FusedReading), where nothing is learnt. B windows, L tokens, R rows that are read, H hidden size.
public sealed partial class EncoderLayers
{
    /// <summary>Whether layers whose activation is <c>gelu</c> take its tanh form while they read in fused steps.</summary>
    public bool TakesFastGelu { get; set; }

    /// <summary>Whether rows like these are read in fused steps.</summary>
    /// <param name="rows">[…, width]</param>
    public bool ReadsFused(Tensor rows) => !training && !is_grad_enabled() && layer.Count > 0 && Fusion != Fusion.Never && layer.All(one => one.CanReadFused)
        && (Fusion == Fusion.Everywhere || FusedReading.IsFor(rows)) && Autocast.Now(rows.device) is null;

    // [B, L, H], a mask [B, L] or null → [B, R, H]
    private Tensor Read(Tensor x, Tensor? mask, Range rows)
    {
        using var scope = NewDisposeScope();
        var keys = Keys(mask);                                                                  // [B, 1, 1, L]
        // Attention on a device adds what it is given: said once, and not in every layer.
        if (keys is not null && x.device.type == DeviceType.CUDA) keys = zeros(keys.shape, x.dtype, x.device).masked_fill(keys.logical_not(), double.NegativeInfinity);
        for (var i = 0; i < layer.Count; i++)
        {
            var next = layer[i].ReadFused(x, keys, i == layer.Count - 1 ? rows : Range.All, TakesFastGelu);     // [B, L, H], at last [B, R, H]
            if (i > 0) x.Dispose();
            x = next;
        }
        return x.MoveToOuterDisposeScope();
    }
}
