using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>What may stand between brackets, read and written. The numbers are those of numpy.</summary>
public sealed class IndexTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor t = arange(12).view(3, 4);     // 0 1 2 3 / 4 5 6 7 / 8 9 10 11

    public void Dispose() => scope.Dispose();

    private static void Is(Tensor t, long[] shape, params long[] values)
    {
        Assert.Equal(shape, t.shape);
        Assert.Equal(values, t.data<long>().ToArray());
    }

    [Fact]
    public void Numbers_select()
    {
        Is(t[1], [4], 4, 5, 6, 7);
        Is(t[-1], [4], 8, 9, 10, 11);
        Is(t[^1], [4], 8, 9, 10, 11);
        Is(t[1, 2], [], 6);
        Is(t[^1, ^2], [], 10);
        var five = arange(2).view(1, 1, 1, 1, 2);
        Is(five[0, 0, 0, 0, 1], [], 1);
        Is(five[0, 0, 0, 0], [2], 0, 1);
        Is(five[0, 0, 0], [1, 2], 0, 1);
    }

    // Not rows 1 and 2: in this API an array of numbers is a place, a tensor of numbers is a choice.
    [Fact]
    public void An_array_of_numbers_is_a_place()
    {
        Is(t[new long[] { 1, 2 }], [], 6);
        t[new long[] { 1, 2 }] = tensor(0L);
        Is(t[1], [4], 4, 5, 0, 7);
    }

    [Fact]
    public void Ranges_cut()
    {
        Is(t[1..], [2, 4], 4, 5, 6, 7, 8, 9, 10, 11);
        Is(t[..1], [1, 4], 0, 1, 2, 3);
        Is(t[.., 1..3], [3, 2], 1, 2, 5, 6, 9, 10);
        Is(t[^1.., ..^2], [1, 2], 8, 9);
        Is(t[0..1, ^1..], [1, 1], 3);
        Is(t[1..1], [0, 4]);
        Is(t[5..9], [0, 4]);
        Is(t[^0..], [0, 4]);
        Is(t[.., 0], [3], 0, 4, 8);
        Is(t[(1, null), (null, 1)], [2, 1], 4, 8);
        Assert.ThrowsAny<Exception>(() => t[^0]);
    }

    [Fact]
    public void Slices_may_step()
    {
        Is(t[TensorIndex.Slice(step: 2)], [2, 4], 0, 1, 2, 3, 8, 9, 10, 11);
        Is(t[TensorIndex.Colon, TensorIndex.Slice(1, null, 2)], [3, 2], 1, 3, 5, 7, 9, 11);
        Is(t[0, TensorIndex.Slice(1..3)], [2], 1, 2);
        Is(t[0, TensorIndex.Slice((1, 3))], [2], 1, 2);
        Assert.Throws<TorchException>(() => t[TensorIndex.Slice(step: -1)]);
    }

    [Fact]
    public void Ellipsis_none_and_booleans()
    {
        Is(t[TensorIndex.Ellipsis, 0], [3], 0, 4, 8);
        Is(t[0, TensorIndex.None], [1, 4], 0, 1, 2, 3);
        Is(t[TensorIndex.Null, 0, 0], [1], 0);
        Is(t[TensorIndex.Single(null), 0, 0], [1], 0);
        Is(t[0, 0, TensorIndex.Bool(true)], [1], 0);
        Is(t[0, 0, TensorIndex.Bool(false)], [0]);
    }

    [Fact]
    public void Tensors_choose()
    {
        var rows = tensor(new long[] { 2, 0 });
        Is(t[rows], [2, 4], 8, 9, 10, 11, 0, 1, 2, 3);
        Is(t[rows, tensor(new long[] { 1, 3 })], [2], 9, 3);
        Is(t[TensorIndex.Colon, TensorIndex.Tensor(rows)], [3, 2], 2, 0, 6, 4, 10, 8);
        Is(t[t > 8], [3], 9, 10, 11);
        Is(t[t > 99], [0]);
        Is(t[1, TensorIndex.Tensor(rows)], [2], 6, 4);
        Is(t.index(TensorIndex.Single(0), TensorIndex.Single(1)), [], 1);
    }

    [Fact]
    public void Every_kind_can_be_written_to()
    {
        t[0] = tensor(new long[] { -1, -2, -3, -4 });
        t[1, 2] = tensor(60L);
        t[^1, 1..3] = tensor(-9L);
        t[TensorIndex.Ellipsis, 3] = tensor(77L);
        t[tensor(new long[] { 1, 2 }), tensor(new long[] { 0, 0 })] = tensor(new long[] { 40, 80 });
        Is(t, [3, 4], -1, -2, -3, 77, 40, 5, 60, 77, 80, -9, -9, 77);
        t[t < 0] = tensor(0L);
        Is(t, [3, 4], 0, 0, 0, 77, 40, 5, 60, 77, 80, 0, 0, 77);
        _ = t.index_put_(tensor(1L), TensorIndex.Single(0));
        Is(t[0], [4], 1, 1, 1, 1);
    }

    // A number is written as the type of the tensor, whichever brackets it meets.
    [Fact]
    public void A_number_can_be_written_anywhere()
    {
        var real = zeros(2, 2);
        real[0] = 1.0;
        real[1, 1] = 2;
        real[real == 0] = 0.5;
        Assert.Equal([1f, 1, 0.5f, 2], real.data<float>().ToArray());
        t[t > 1] = 9;
        t[tensor(new long[] { 0 })] = 3;
        Is(t, [3, 4], 3, 3, 3, 3, 9, 9, 9, 9, 9, 9, 9, 9);
    }

    [Fact]
    public void What_is_out_of_range_or_does_not_fit_is_an_exception()
    {
        Assert.Throws<TorchException>(() => t[3]);
        Assert.Throws<TorchException>(() => t[0, 0, 0]);
        Assert.Throws<TorchException>(() => t[tensor(new long[] { 3 })]);
        Assert.Throws<TorchException>(() => t[0] = zeros(3, dtype: int64));
        Assert.Throws<TorchException>(() => t[tensor(new[] { true, false })]);
    }

    [Fact]
    public void Gather_scatter_and_index_select()
    {
        var index = tensor(new long[] { 0, 1, 3, 2 }, [2, 2]);
        Is(t.gather(1, index), [2, 2], 0, 1, 7, 6);
        Is(zeros(2, 4, dtype: int64).scatter(1, index, ones(2, 2, dtype: int64)), [2, 4], 1, 1, 0, 0, 0, 0, 1, 1);
        Is(zeros(3, dtype: int64).scatter_add(0, tensor(new long[] { 1, 1 }), ones(2, dtype: int64)), [3], 0, 2, 0);
        Is(t.index_select(1, tensor(new long[] { 3 })), [3, 1], 3, 7, 11);
        Is(zeros(3, dtype: int64).index_add(0, tensor(new long[] { 2, 2 }), ones(2, dtype: int64), 5), [3], 0, 0, 10);
        Is(zeros(3, dtype: int64).index_copy(0, tensor(new long[] { 2 }), ones(1, dtype: int64)), [3], 0, 0, 1);
    }

    [Fact]
    public void Masks_fill_and_select()
    {
        Is(t.masked_fill(t > 1, -1), [3, 4], 0, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
        Is(t.masked_select(t < 2), [2], 0, 1);
        Is(where(t < 2, t, t.neg()), [3, 4], 0, 1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11);
        Is((t % 5).eq(0).nonzero(), [3, 2], 0, 0, 1, 1, 2, 2);
        Is(t.tril(), [3, 4], 0, 0, 0, 0, 4, 5, 0, 0, 8, 9, 10, 0);
        Is(t.triu(1), [3, 4], 0, 1, 2, 3, 0, 0, 6, 7, 0, 0, 0, 11);
        var real = zeros(2);
        _ = real.masked_fill_(tensor(new[] { true, false }), float.NegativeInfinity);
        Assert.Equal([float.NegativeInfinity, 0], real.data<float>().ToArray());
    }
}
