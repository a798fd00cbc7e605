using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Copies; a tensor over memory of the caller's is from_array.
    private static Tensor Copy<T>(ReadOnlySpan<T> data, ReadOnlySpan<long> dimensions, ScalarType? dtype, Device? device, bool requires_grad) where T : unmanaged
    {
        var count = 1L;
        foreach (var size in dimensions) count *= size;
        if (count != data.Length)
            throw new ArgumentException($"{data.Length} elements do not fill [{string.Join(", ", dimensions.ToArray())}]", nameof(dimensions));
        var result = empty(dimensions, Tensor.TypeOf(typeof(T)), CPU);
        MemoryMarshal.AsBytes(data).CopyTo(result.bytes);
        return Finish(result, dtype, device ?? get_default_device(), requires_grad);
    }

    private static Tensor Finish(Tensor result, ScalarType? dtype, Device device, bool requires_grad)
    {
        if (result.device != device || result.dtype != (dtype ?? result.dtype)) result = result.to(dtype ?? result.dtype, device, disposeAfter: true);
        return requires_grad ? result.requires_grad_() : result;
    }

    public static Tensor tensor(float scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<float>([scalar], [], dtype, device, requires_grad);
    public static Tensor tensor(double scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<double>([scalar], [], dtype, device, requires_grad);
    public static Tensor tensor(long scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<long>([scalar], [], dtype, device, requires_grad);
    public static Tensor tensor(int scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<int>([scalar], [], dtype, device, requires_grad);
    public static Tensor tensor(short scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<short>([scalar], [], dtype, device, requires_grad);
    public static Tensor tensor(sbyte scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<sbyte>([scalar], [], dtype, device, requires_grad);
    public static Tensor tensor(byte scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<byte>([scalar], [], dtype, device, requires_grad);
    public static Tensor tensor(bool scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<bool>([scalar], [], dtype, device, requires_grad);
    public static Tensor tensor(Half scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<Half>([scalar], [], dtype, device, requires_grad);

    public static Tensor tensor(float[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<float>(data, [data.Length], dtype, device, requires_grad);
    public static Tensor tensor(float[] data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<float>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(float[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<float>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(IList<float> data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<float>(data.ToArray(), [data.Count], dtype, device, requires_grad);
    public static Tensor tensor(Memory<float> data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<float>(data.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(double[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<double>(data, [data.Length], dtype, device, requires_grad);
    public static Tensor tensor(double[] data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<double>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(double[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<double>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(IList<double> data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<double>(data.ToArray(), [data.Count], dtype, device, requires_grad);
    public static Tensor tensor(Memory<double> data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<double>(data.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(long[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<long>(data, [data.Length], dtype, device, requires_grad);
    public static Tensor tensor(long[] data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<long>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(long[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<long>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(IList<long> data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<long>(data.ToArray(), [data.Count], dtype, device, requires_grad);
    public static Tensor tensor(Memory<long> data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<long>(data.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(int[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<int>(data, [data.Length], dtype, device, requires_grad);
    public static Tensor tensor(int[] data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<int>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(int[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<int>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(IList<int> data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<int>(data.ToArray(), [data.Count], dtype, device, requires_grad);
    public static Tensor tensor(Memory<int> data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<int>(data.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(short[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<short>(data, [data.Length], dtype, device, requires_grad);
    public static Tensor tensor(short[] data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<short>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(short[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<short>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(IList<short> data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<short>(data.ToArray(), [data.Count], dtype, device, requires_grad);
    public static Tensor tensor(Memory<short> data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<short>(data.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(sbyte[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<sbyte>(data, [data.Length], dtype, device, requires_grad);
    public static Tensor tensor(sbyte[] data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<sbyte>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(sbyte[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<sbyte>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(IList<sbyte> data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<sbyte>(data.ToArray(), [data.Count], dtype, device, requires_grad);
    public static Tensor tensor(Memory<sbyte> data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<sbyte>(data.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(byte[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<byte>(data, [data.Length], dtype, device, requires_grad);
    public static Tensor tensor(byte[] data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<byte>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(byte[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<byte>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(IList<byte> data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<byte>(data.ToArray(), [data.Count], dtype, device, requires_grad);
    public static Tensor tensor(Memory<byte> data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<byte>(data.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(bool[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<bool>(data, [data.Length], dtype, device, requires_grad);
    public static Tensor tensor(bool[] data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<bool>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(bool[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<bool>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(IList<bool> data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<bool>(data.ToArray(), [data.Count], dtype, device, requires_grad);
    public static Tensor tensor(Memory<bool> data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<bool>(data.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(Half[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<Half>(data, [data.Length], dtype, device, requires_grad);
    public static Tensor tensor(Half[] data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<Half>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(Half[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<Half>(data, dimensions, dtype, device, requires_grad);
    public static Tensor tensor(IList<Half> data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<Half>(data.ToArray(), [data.Count], dtype, device, requires_grad);
    public static Tensor tensor(Memory<Half> data, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Copy<Half>(data.Span, dimensions, dtype, device, requires_grad);

    public static Tensor as_tensor<T>(T[] data, ScalarType? dtype = null, Device? device = null) where T : unmanaged => Copy<T>(data, [data.Length], dtype, device, false);
    public static Tensor as_tensor<T>(IList<T> data, ScalarType? dtype = null, Device? device = null) where T : unmanaged => Copy<T>(data.ToArray(), [data.Count], dtype, device, false);

    /// <summary>The same elements, in another type or place where one is asked for.</summary>
    public static Tensor as_tensor(Tensor data, ScalarType? dtype = null, Device? device = null) => data.to(dtype ?? data.dtype, device ?? data.device);

    /// <summary>A tensor over the memory of an array, which is pinned as long as the tensor lives.</summary>
    /// <exception cref="ArgumentException">The array holds something that is no element type.</exception>
    public static Tensor from_array(Array rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        var sizes = new long[rawArray.Rank];
        for (var i = 0; i < sizes.Length; i++) sizes[i] = rawArray.GetLongLength(i);
        return Finish(Over(rawArray, 0, sizes), dtype, device ?? get_default_device(), requires_grad);
    }

    /// <summary>A tensor of one dimension over elements of an array, which is pinned as long as the tensor lives; over a copy where another type is asked for.</summary>
    /// <param name="rawArray">The elements.</param>
    /// <param name="dtype">To which they are converted. (PyTorch's function reads their bytes as that type.)</param>
    /// <param name="count">How many; without a number, all that follow.</param>
    /// <param name="offset">How many are left out before them.</param>
    /// <param name="requires_grad">Whether gradients are wanted.</param>
    /// <exception cref="ArgumentOutOfRangeException">The array has no such elements.</exception>
    public static Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        var left = rawArray.LongLength - offset;
        if (offset < 0 || left <= 0) throw new ArgumentOutOfRangeException(nameof(offset), offset, $"the array has {rawArray.LongLength} elements");
        if (count > left) throw new ArgumentOutOfRangeException(nameof(count), count, $"{left} elements follow the offset {offset}");
        return Finish(Over(rawArray, offset, [count < 0 ? left : count]), dtype, CPU, requires_grad);
    }

    private static unsafe Tensor Over(Array array, long offset, long[] sizes)
    {
        var type = Tensor.TypeOf(array.GetType().GetElementType()!);
        var pin = GCHandle.Alloc(array, GCHandleType.Pinned);
        try
        {
            var first = pin.AddrOfPinnedObject() + checked((nint)(offset * TensorFormat.SizeOf(type)));
            return Tensor.Own(NativeMethods.rmt_from_memory(first, sizes, sizes.Length, (int)type, &Unpin, GCHandle.ToIntPtr(pin)));
        }
        catch
        {
            pin.Free();
            throw;
        }
    }

    [UnmanagedCallersOnly]
    private static void Unpin(IntPtr handle) => GCHandle.FromIntPtr(handle).Free();
}
