using static TorchSharp.torch;

namespace Rmt.Gpt2;

/// <summary>Keys and values of one layer for the tokens that were read. Room for a whole window is taken at once: nothing is copied when it grows.</summary>
internal sealed class Gpt2Keys(int capacity) : IDisposable
{
    private Tensor? keys;                           // [B, heads, capacity, d]
    private Tensor? values;

    public int Length { get; set; }

    /// <summary>Those of a part behind those that are there: [B, heads, P, d] → [B, heads, Length, d], both.</summary>
    public (Tensor K, Tensor V) Add(Tensor k, Tensor v)
    {
        keys ??= Room(k);
        values ??= Room(v);
        var places = k.shape[2];
        _ = keys.narrow(2, Length, places).copy_(k);
        _ = values.narrow(2, Length, places).copy_(v);
        Length += (int)places;
        return (keys.narrow(2, 0, Length), values.narrow(2, 0, Length));
    }

    public void Dispose()
    {
        keys?.Dispose();
        values?.Dispose();
    }

    private Tensor Room(Tensor part) => empty([part.shape[0], part.shape[1], capacity, part.shape[3]], dtype: part.dtype, device: part.device).DetachFromDisposeScope();
}
