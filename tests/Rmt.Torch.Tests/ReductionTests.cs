using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

public sealed class ReductionTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor t = tensor(new double[] { 3, -1, 2, 5, 0, 7 }, [2, 3]);

    public void Dispose() => scope.Dispose();

    private static void Is(Tensor t, long[] shape, params double[] values)
    {
        Assert.Equal(shape, t.shape);
        foreach (var (e, x) in values.Zip(t.to(float64).data<double>().ToArray(), ValueTuple.Create)) Assert.Equal(e, x, 1e-12);
        Assert.Equal(values.Length, t.numel());
    }

    [Fact]
    public void Sums_and_means()
    {
        Is(t.sum(), [], 16);
        Is(t.sum(0), [3], 8, -1, 9);
        Is(t.sum(-1, keepdim: true), [2, 1], 4, 12);
        Is(t.sum([0, 1]), [], 16);
        Is(t.mean(), [], 16 / 6.0);
        Is(t.mean([1]), [2], 4 / 3.0, 4);
        Is(t.mean([0, 1], true), [1, 1], 16 / 6.0);
        Assert.Equal(int64, ones(3, dtype: int32).sum().dtype);
        Assert.Equal(float64, ones(3).sum(float64).dtype);
        Assert.Equal(float64, ones(3, 3).mean([0], type: float64).dtype);
    }

    [Fact]
    public void Deviations_divide_by_n_less_one_unless_biased()
    {
        // 3, −1, 2: mean 4/3, squares 25/9 + 49/9 + 4/9 = 26/3;  5, 0, 7: mean 4, squares 1 + 16 + 9 = 26
        Is(t.var([1]), [2], 13 / 3.0, 13);
        Is(t.std([1]), [2], Math.Sqrt(13 / 3.0), Math.Sqrt(13));
        Is(t.var([1], unbiased: false, keepdim: true), [2, 1], 26 / 9.0, 26 / 3.0);
        Is(t.std([1], false), [2], Math.Sqrt(26 / 9.0), Math.Sqrt(26 / 3.0));
        var all = 9 + 1 + 4 + 25 + 49 - (256 / 6.0);
        Is(t.var(), [], all / 5);
        Is(t.std(unbiased: false), [], Math.Sqrt(all / 6));
    }

    [Fact]
    public void Extremes()
    {
        Is(t.max(), [], 7);
        Is(t.min(), [], -1);
        Is(t.amax(0), [3], 5, 0, 7);
        Is(t.amin([1], keepdim: true), [2, 1], -1, 0);
        Is(t.amax(0, 1), [], 7);
        var (values, indexes) = t.max(1);
        Is(values, [2], 3, 7);
        Is(indexes, [2], 0, 2);
        (values, indexes) = t.min(0, keepdim: true);
        Is(values, [1, 3], 3, -1, 2);
        Is(indexes, [1, 3], 0, 0, 0);
        Is(t.argmax(), [], 5);
        Is(t.argmax(1), [2], 0, 2);
        Is(t.argmin(1, keepdim: true), [2, 1], 1, 1);
        (values, indexes) = t.topk(2);
        Is(values, [2, 2], 3, 2, 7, 5);
        Is(indexes, [2, 2], 0, 2, 2, 0);
        (values, _) = t.topk(1, dim: 0, largest: false);
        Is(values, [1, 3], 3, -1, 2);
        (values, indexes) = t.sort(1, descending: true);
        Is(values, [2, 3], 3, 2, -1, 7, 5, 0);
        Is(indexes, [2, 3], 0, 2, 1, 2, 0, 1);
    }

    [Fact]
    public void The_rest()
    {
        Is(t.cumsum(1), [2, 3], 3, 2, 4, 5, 5, 12);
        Is(t.norm(), [], Math.Sqrt(88));
        Is(t.norm(1), [], 18);
        Is(t.logsumexp(1), [2], Math.Log(Math.Exp(3) + Math.Exp(-1) + Math.Exp(2)), Math.Log(Math.Exp(5) + 1 + Math.Exp(7)));
        Is((t > 0).all(), [], 0);
        Is((t > 0).any(), [], 1);
        Is((t > 2).all(0), [3], 1, 0, 0);
        Is((t > 6).any(1, keepdim: true), [2, 1], 0, 1);
        double Z(int row) => Enumerable.Range(0, 3).Sum(i => Math.Exp(t[row, i].item<double>()));
        Is(t.softmax(-1)[1], [3], Math.Exp(5) / Z(1), 1 / Z(1), Math.Exp(7) / Z(1));
        Is(t.log_softmax(1)[0], [3], 3 - Math.Log(Z(0)), -1 - Math.Log(Z(0)), 2 - Math.Log(Z(0)));
        Assert.Equal(float64, ones(2).softmax(0, float64).dtype);
        Is(softmax(zeros(2), 0), [2], 0.5, 0.5);
    }

    [Fact]
    public void A_dimension_that_is_not_there_is_an_exception()
    {
        Assert.Throws<TorchException>(() => t.sum(2));
        Assert.Throws<TorchException>(() => t.max(2));
        Assert.Throws<TorchException>(() => t.softmax(5));
        Assert.Throws<TorchException>(() => t.topk(4));
        Assert.Throws<TorchException>(() => t.amax(0, 0));
    }

    [Fact]
    public void Nothing_has_a_sum_but_no_largest()
    {
        Is(zeros(0).sum(), [], 0);
        Is(zeros(0, 3).sum(0), [3], 0, 0, 0);
        Assert.True(double.IsNaN(zeros(0).mean().ToDouble()));
        Is(zeros(0).cumsum(0), [0]);
        Is(zeros(0, 3).softmax(1), [0, 3]);
        Is(zeros(2, 0).logsumexp(1), [2], double.NegativeInfinity, double.NegativeInfinity);
        Assert.True(zeros(0).gt(0).all().ToBoolean());
        Assert.False(zeros(0).gt(0).any().ToBoolean());
        Assert.Throws<TorchException>(() => zeros(0).max());
        Assert.Throws<TorchException>(() => zeros(0).argmax());
    }
}
