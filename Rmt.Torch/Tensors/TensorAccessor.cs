using System.Collections;
using System.Runtime.InteropServices;

namespace TorchSharp.Utils;

/// <summary>The elements of a tensor on the CPU, in row-major order.</summary>
public sealed class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly torch.Tensor? source;      // contiguous, on the CPU
    private readonly T[]? copy;                 // of a tensor that is not; in managed memory, so that nobody has to free it

    internal TensorAccessor(torch.Tensor tensor)
    {
        if (tensor.device_type == DeviceType.CPU && tensor.is_contiguous())
        {
            source = tensor;
            return;
        }
        using var near = tensor.cpu();
        using var straight = near.contiguous();
        copy = MemoryMarshal.Cast<byte, T>(straight.bytes).ToArray();
    }

    // Whoever uses the span keeps this object alive past it: a span keeps no memory of a tensor alive.
    private Span<T> Elements => source is null ? copy : MemoryMarshal.Cast<byte, T>(source.bytes);

    private Span<T> Writable => source is null
        ? throw new InvalidOperationException("these elements are a copy, as the tensor is not contiguous on the CPU: write to the tensor instead")
        : Elements;

    /// <summary>Number of elements.</summary>
    public long Count => source?.numel() ?? copy!.LongLength;

    public T this[long index]
    {
        get
        {
            var value = Elements[checked((int)index)];
            GC.KeepAlive(this);
            return value;
        }
        set
        {
            Writable[checked((int)index)] = value;
            GC.KeepAlive(this);
        }
    }

    public T[] ToArray()
    {
        var values = Elements.ToArray();
        GC.KeepAlive(this);
        return values;
    }

    /// <summary>Copies as many elements as there are on both sides, those of the tensor from <paramref name="tensorIndex"/> on.</summary>
    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var from = Elements[checked((int)tensorIndex)..];
        var to = array[arrayIndex..];
        from[..Math.Min(from.Length, to.Length)].CopyTo(to);
        GC.KeepAlive(this);
    }

    /// <inheritdoc cref="CopyTo"/>
    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var from = array[arrayIndex..];
        var to = Writable[checked((int)tensorIndex)..];
        from[..Math.Min(from.Length, to.Length)].CopyTo(to);
        GC.KeepAlive(this);
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0L; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Nothing to free; the tensor belongs to whoever made it.</summary>
    public void Dispose() { }
}
