using System.Collections;
using System.Runtime.InteropServices;

namespace TorchSharp.Utils;

/// <summary>The elements of a tensor on the CPU, in row-major order.</summary>
public sealed class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly torch.Tensor source;       // contiguous, on the CPU
    private readonly bool owned;

    internal TensorAccessor(torch.Tensor tensor)
    {
        owned = tensor.device_type != DeviceType.CPU || !tensor.is_contiguous();
        source = owned ? tensor.cpu().contiguous().DetachFromDisposeScope() : tensor;
    }

    private Span<T> Elements => MemoryMarshal.Cast<byte, T>(source.bytes);

    /// <summary>Number of elements.</summary>
    public long Count => source.numel();

    public T this[long index]
    {
        get => Elements[checked((int)index)];
        set => Elements[checked((int)index)] = value;
    }

    public T[] ToArray() => Elements.ToArray();

    public void CopyTo(Span<T> target) => Elements.CopyTo(target);

    public void CopyFrom(ReadOnlySpan<T> values) => values.CopyTo(Elements);

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0L; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        if (owned) source.Dispose();
    }
}
