using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>Numbers into tensors and out of them.</summary>
public sealed class DataTests
{
    private static void Round<T>(T[] values, ScalarType type) where T : unmanaged
    {
        using var t = as_tensor(values);
        Assert.Equal(type, t.dtype);
        Assert.Equal(values, t.data<T>().ToArray());
        Assert.Equal(values[1], t[1].item<T>());
        Assert.Equal(Unsafe.SizeOf<T>(), t.element_size());
    }

    [Fact]
    public void Every_element_type_goes_in_and_comes_out()
    {
        Round([1.5f, -2f, float.NaN], float32);
        Round([1.5, double.Epsilon, double.MinValue], float64);
        Round([1, long.MinValue, long.MaxValue], int64);
        Round([1, int.MinValue, int.MaxValue], int32);
        Round(new short[] { 1, short.MinValue }, int16);
        Round(new sbyte[] { 1, sbyte.MinValue }, int8);
        Round(new byte[] { 1, 255 }, uint8);
        Round([false, true], @bool);
        Round([(Half)1.5f, Half.MaxValue], float16);
    }

    [Fact]
    public void Scalars_have_no_dimensions()
    {
        using var t = tensor(4);
        Assert.Empty(t.shape);
        Assert.Equal(4, t.item<int>());
        Assert.Equal([4], t.data<int>().ToArray());
    }

    [Fact]
    public void Elements_must_fill_the_shape_they_are_given()
    {
        var error = Assert.Throws<ArgumentException>(() => tensor(new float[] { 1, 2, 3 }, [2, 2]));
        Assert.Contains("3 elements do not fill [2, 2]", error.Message);
        Assert.Throws<ArgumentException>(() => tensor(Array.Empty<float>(), [1]));
    }

    [Fact]
    public void Tensor_copies_and_from_array_shares()
    {
        float[] values = [1, 2, 3, 4, 5, 6];
        using var copy = tensor(values, [2, 3]);
        using var shared = from_array(values);
        values[0] = 9;
        Assert.Equal(1, copy[0, 0].item<float>());
        Assert.Equal(9, shared[0].item<float>());
        shared[1] = tensor(7f);
        Assert.Equal(7, values[1]);
    }

    [Fact]
    public void An_array_of_any_rank_and_type_can_be_shared()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([2, 3], from_array(new long[2, 3]).shape);
        Assert.Equal([2, 1, 2], from_array(new double[2, 1, 2]).shape);
        Assert.Equal([true, false], from_array(new[] { true, false }).data<bool>().ToArray());
        Assert.Equal([(Half)2], from_array(new[] { (Half)2 }).data<Half>().ToArray());
        Assert.Equal([0], from_array(Array.Empty<int>()).shape);
        Assert.Equal(float64, from_array(new[] { 1f }, dtype: float64).dtype);
        Assert.Throws<ArgumentException>(() => from_array(new[] { "text" }));
        Assert.Throws<ArgumentException>(() => from_array(new[] { 1m }));
    }

    [Fact]
    public void A_shared_array_is_pinned_while_a_tensor_needs_it_and_not_longer()
    {
        var (view, array) = ViewOfNewArray();
        Leaks.Settle();
        Assert.True(array.IsAlive);                     // the view alone keeps the memory
        Assert.Equal(2, view.item<float>());
        view.Dispose();
        Leaks.Settle();
        Assert.False(array.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (Tensor View, WeakReference Array) ViewOfNewArray()
    {
        float[] values = [1, 2];
        using var whole = from_array(values);
        return (whole[1], new(values));
    }

    [Fact]
    public void Item_and_data_want_the_type_of_the_elements()
    {
        using var t = tensor(1.5f);
        Assert.Contains("Float32", Assert.Throws<ArgumentException>(() => t.item<double>()).Message);
        Assert.Throws<ArgumentException>(() => t.item<int>());
        Assert.Throws<ArgumentException>(() => t.data<long>());
        Assert.Throws<ArgumentException>(() => t.item<decimal>());
        using var b = t.to(bfloat16);
        Assert.Contains(".to(float32)", Assert.Throws<ArgumentException>(() => b.item<float>()).Message);
        Assert.Throws<ArgumentException>(() => b.data<Half>());
    }

    [Fact]
    public void Item_wants_one_element()
    {
        using var two = ones(2);
        using var none = ones(0);
        Assert.Throws<TorchException>(() => two.item<float>());
        Assert.Throws<TorchException>(() => none.item<float>());
    }

    [Fact]
    public void Single_elements_convert_to_numbers_of_dotnet()
    {
        using var scope = NewDisposeScope();
        var t = tensor(2.75);
        Assert.Equal((2.75f, 2.75, 2, 2L, true, (Half)2.75), (t.ToSingle(), t.ToDouble(), t.ToInt32(), t.ToInt64(), t.ToBoolean(), t.ToHalf()));
        Assert.Equal((2.75f, 2.75, 2, 2L, true), ((float)t, (double)t, (int)t, (long)t, (bool)t));
        Assert.Equal(1, tensor(true).ToInt32());
        Assert.Equal(2.75f, t.to(bfloat16).ToSingle());
        Assert.Throws<OverflowException>(() => tensor(1L << 40).ToInt32());
    }

    [Fact]
    public void Bfloat16_and_half_travel_as_bytes()
    {
        using var scope = NewDisposeScope();
        ushort[] raw = [0x3f80, 0x4000, 0xbf80, 0x7f80, 0x0001];
        var t = empty(raw.Length, dtype: bfloat16);
        MemoryMarshal.AsBytes(raw.AsSpan()).CopyTo(t.bytes);
        Assert.Equal([1f, 2f, -1f, float.PositiveInfinity, BitConverter.UInt32BitsToSingle(0x10000)], t.to(float32).data<float>().ToArray());
        Assert.Equal(raw, MemoryMarshal.Cast<byte, ushort>(t.to(float32).to(bfloat16).bytes).ToArray());
        Half[] halves = [(Half)1.5, Half.Epsilon];
        Assert.Equal(halves, MemoryMarshal.Cast<byte, Half>(tensor(halves).to(float32).half().bytes).ToArray());
    }

    // 1 + 1/256 lies in the middle between two bfloat16 numbers: to the even one, as every device does it.
    [Theory]
    [InlineData(1.00390625f, 1f)]
    [InlineData(1.01171875f, 1.015625f)]
    [InlineData(3.4e38f, float.PositiveInfinity)]
    public void Bfloat16_rounds_to_the_nearest_and_ties_to_even(float value, float expected)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected, tensor(value).to(bfloat16).ToSingle());
    }

    [Fact]
    public void Bytes_are_the_memory_itself()
    {
        using var t = zeros(2);
        MemoryMarshal.Cast<byte, float>(t.bytes)[1] = 5;
        Assert.Equal([0f, 5f], t.data<float>().ToArray());
        t.bytes = new byte[8];
        Assert.Equal([0f, 0f], t.data<float>().ToArray());
        Assert.Throws<ArgumentException>(() => t.bytes = new byte[7]);
        using var column = ones(2, 2).t();
        Assert.Contains(".contiguous()", Assert.Throws<InvalidOperationException>(() => column[0].bytes.Length).Message);
        using var nothing = empty(0, 3);
        Assert.Equal(0, nothing.bytes.Length);
    }

    [Fact]
    public void Data_of_a_view_is_in_the_order_of_the_view_and_leaves_nothing_behind()
    {
        using var t = tensor(new float[] { 1, 2, 3, 4, 5, 6 }, [2, 3]);
        using var turned = t.t();
        Leaks.None(() => Assert.Equal([1f, 4, 2, 5, 3, 6], turned.data<float>().ToArray()));
        Leaks.None(() =>
        {
            using var scope = NewDisposeScope();
            var accessor = turned.data<float>();
            Assert.Equal((6L, 4f), (accessor.Count, accessor[1]));
            Assert.Equal(turned.data<float>(), accessor);
        });
    }

    [Fact]
    public void An_accessor_outlives_the_scope_it_was_made_in()
    {
        using var t = tensor(new float[] { 1, 2, 3, 4 }, [2, 2]);
        TorchSharp.Utils.TensorAccessor<float> turned, straight;
        using (NewDisposeScope()) (turned, straight) = (t.t().data<float>(), t.data<float>());
        Assert.Equal([1f, 3, 2, 4], turned.ToArray());
        Assert.Equal([1f, 2, 3, 4], straight.ToArray());
    }

    [Fact]
    public void An_accessor_writes_to_the_tensor_or_refuses()
    {
        using var t = zeros(2, 2);
        using var accessor = t.data<float>();
        accessor[3] = 8;
        Assert.Equal(8, t[1, 1].item<float>());
        accessor.CopyFrom([1, 2, 3, 4]);
        Assert.Equal(2, t[0, 1].item<float>());
        var target = new float[4];
        accessor.CopyTo(target);
        Assert.Equal([1f, 2, 3, 4], target);
        using var turned = t.t();
        var copy = turned.data<float>();
        Assert.Contains("copy", Assert.Throws<InvalidOperationException>(() => copy[0] = 1).Message);
        Assert.Throws<InvalidOperationException>(() => copy.CopyFrom([1, 2, 3, 4]));
        Assert.ThrowsAny<SystemException>(() => accessor[4]);
        Assert.ThrowsAny<SystemException>(() => accessor[-1]);
    }

    [Fact]
    public void Nothing_at_all_is_data_too()
    {
        using var scope = NewDisposeScope();
        Assert.Empty(zeros(0).data<float>().ToArray());
        Assert.Empty(zeros(0, 3).t().data<float>().ToArray());
        Assert.Empty(tensor(Array.Empty<long>()).data<long>().ToArray());
        Assert.Empty(zeros(0).data<float>());
    }
}
