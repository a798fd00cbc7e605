using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>Operators and functions, against the same arithmetic in C#.</summary>
public sealed class ArithmeticTests : IDisposable
{
    private static readonly double[] A = [0.5, -1.25, 3, 4];
    private static readonly double[] B = [2, 0.25, -1.5, 4];
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor a = tensor(A), b = tensor(B);

    public void Dispose() => scope.Dispose();

    private static void Near(IEnumerable<double> expected, Tensor actual)
    {
        foreach (var (e, x) in expected.Zip(actual.to(float64).data<double>().ToArray(), ValueTuple.Create))
            Assert.Equal(e, x, 1e-12);
        Assert.Equal(expected.Count(), actual.numel());
    }

    private static IEnumerable<double> Each(Func<double, double> f) => A.Select(f);

    private static IEnumerable<double> Pairs(Func<double, double, double> f) => A.Zip(B, f);

    [Fact]
    public void Tensors_combine_element_by_element()
    {
        Near(Pairs((x, y) => x + y), a + b);
        Near(Pairs((x, y) => x - y), a - b);
        Near(Pairs((x, y) => x * y), a * b);
        Near(Pairs((x, y) => x / y), a / b);
        Near(Pairs((x, y) => x - (Math.Floor(x / y) * y)), a % b);      // the sign of the divisor, as in Python
        Near(Pairs(Math.Max), maximum(a, b));
        Near(Pairs(Math.Min), a.minimum(b));
        Near(Pairs((x, y) => x + (3 * y)), a.add(b, 3));
        Near(B.Select(y => Math.Pow(2, y)), full([4], 2.0, dtype: float64).pow(b));
    }

    [Fact]
    public void Numbers_of_every_type_stand_on_either_side()
    {
        Near(Each(x => x + 2), a + 2);
        Near(Each(x => x + 2), 2L + a);
        Near(Each(x => x - 1.5), a - 1.5);
        Near(Each(x => 1.5 - x), 1.5 - a);
        Near(Each(x => 1.5 - x), 1.5f - a);
        Near(Each(x => 3 - x), 3 - a);
        Near(Each(x => 3 - x), 3L - a);
        Near(Each(x => x * 0.5), a * 0.5f);
        Near(Each(x => x * 0.5), 0.5 * a);
        Near(Each(x => x / 4), a / 4);
        Near(Each(x => 3 / x), 3 / a);
        Near(Each(x => 3 / x), 3.0 / a);
        Near(Each(x => -x), -a);
        Near(Each(x => x + 7), a + (Scalar)7);
        Near(Each(x => 7 - x), (Scalar)7 - a);
        Near(Each(x => x + 0.5), a + (Scalar)(Half)0.5);
        Near(Each(x => x - (2 * Math.Floor(x / 2))), a % 2);
    }

    // The integer type of a tensor survives a whole number and gives way to a real one, as in PyTorch.
    [Fact]
    public void The_type_of_the_result_follows_the_kind_of_the_number()
    {
        var whole = tensor(new[] { 3, 4 });
        Assert.Equal(int32, (whole + 1).dtype);
        Assert.Equal(int32, (1L - whole).dtype);
        Assert.Equal(float32, (whole * 0.5).dtype);
        Assert.Equal(float32, (whole / 2).dtype);
        Assert.Equal(float32, (ones(1) * 2.0).dtype);
        Assert.Equal(bfloat16, (ones(1, dtype: bfloat16) + 1f).dtype);
        Assert.Equal(int64, (ones(1, dtype: @bool) + 1).dtype);
    }

    [Fact]
    public void Operators_leave_no_temporary_behind()
    {
        using var none = NewDisposeScope();
        foreach (var operation in new Func<Tensor>[] { () => 1 - a, () => 1.0 / a, () => 1f - a, () => 2L / a, () => (Scalar)1 - a, () => nn.functional.gelu(a.clone(), inplace: true) })
        {
            var before = none.DisposablesCount;
            _ = operation();
            Assert.InRange(none.DisposablesCount - before, 0, 1);
        }
    }

    [Fact]
    public void Functions_of_one_argument()
    {
        Near(Each(Math.Abs), a.abs());
        Near(Each(x => -x), a.neg());
        Near(Each(Math.Exp), a.exp());
        Near(Each(Math.Sin), a.sin());
        Near(Each(Math.Cos), a.cos());
        Near(Each(Math.Tanh), a.tanh());
        Near(Each(x => 1 / (1 + Math.Exp(-x))), a.sigmoid());
        Near(Each(x => Math.Max(0, x)), a.relu());
        Near(Each(x => x / (1 + Math.Exp(-x))), a.silu());
        Near(Each(Math.Floor), a.floor());
        Near(Each(Math.Ceiling), a.ceil());
        Near(Each(x => Math.Round(x, MidpointRounding.ToEven)), a.round());
        Near(Each(x => Math.Sign(x)), a.sign());
        Near(Each(x => 1 / x), a.reciprocal());
        Near(Each(x => x * x), a.square());
        var positive = a.abs();
        Near(Each(x => Math.Log(Math.Abs(x))), positive.log());
        Near(Each(x => Math.Sqrt(Math.Abs(x))), positive.sqrt());
        Near(Each(x => 1 / Math.Sqrt(Math.Abs(x))), positive.rsqrt());
        Near(Each(x => x * x * x), a.pow(3));
        Near(Each(x => Math.Clamp(x, 0, 3)), a.clamp(0, 3));
        Near(Each(x => Math.Max(x, 0)), a.clamp(min: 0));
        Near(Each(x => Math.Min(x, 0.5)), a.clamp(max: 0.5));
        Near([0, Math.Log(2), double.NegativeInfinity], tensor(new[] { 1.0, 2, 0 }).log());
    }

    // erf(1) and erf(0.5) to 12 places, Abramowitz & Stegun table 7.1.
    [Fact]
    public void Gelu_is_the_exact_one()
    {
        Near([0, 0.842700792950, -0.842700792950, 0.520499877813], tensor(new[] { 0, 1, -1, 0.5 }).erf());
        var x = Math.Sqrt(2);
        Near([0, 0.5 * x * (1 + 0.842700792950), -0.5 * x * (1 - 0.842700792950)], tensor(new[] { 0, x, -x }).gelu());
    }

    [Fact]
    public void In_place_twins_change_the_tensor_they_return()
    {
        var x = a.clone();
        Assert.Same(x, x.add_(b));
        Near(Pairs((p, q) => p + q), x);
        Near(Pairs((p, q) => (((p + q - 1) * 2) - q) / 4), x.sub_(1).mul_(2).sub_(b).div_(4));
        Near(Each(p => p * p), a.clone().mul_(a));
        Near(Each(p => p * p), a.clone().pow_(2));
        Near(Each(p => p + 6), a.clone().add_(b.div(b), 6));
        Near(Pairs((p, q) => p + (2 * p * q)), a.clone().addcmul_(a, b, 2));
        Near(Pairs((p, q) => p + (2 * p / q)), a.clone().addcdiv_(a, b, 2));
        Near(Each(_ => 5), a.clone().fill_(5));
        Near(Each(_ => 0), a.clone().zero_());
        Near(Each(Math.Exp), a.clone().exp_());
        Near(Each(p => -p), a.clone().neg_());
        Near(Each(Math.Tanh), a.clone().tanh_());
        Near(Each(p => Math.Max(0, p)), a.clone().relu_());
        Near(Each(p => Math.Sqrt(Math.Abs(p))), a.abs().sqrt_());
    }

    [Fact]
    public void Comparisons_are_elementwise()
    {
        void Is(Tensor t, params bool[] expected) => Assert.Equal(expected, t.data<bool>().ToArray());
        Is(a < b, true, true, false, false);
        Is(a <= b, true, true, false, true);
        Is(a > b, false, false, true, false);
        Is(a >= b, false, false, true, true);
        Is(a == b, false, false, false, true);
        Is(a != b, true, true, true, false);
        Is(a > 0, true, false, true, true);
        Is(a >= 0.5, true, false, true, true);
        Is(a < 1L, true, true, false, false);
        Is(a <= 3f, true, true, true, false);
        Is(a == 3, false, false, true, false);
        Is(a != 3, true, true, false, true);
        Is(a.eq(3).logical_or(a.gt(3)), false, false, true, true);
        Is(a.gt(0).logical_and(b.gt(0)), true, false, false, true);
        Is(a.gt(0).logical_xor(b.gt(0)), false, true, true, false);
        Is(a.gt(0).logical_not(), false, true, false, false);
        Is((a > 0) & (b > 0), true, false, false, true);
        Is((a > 0) | (b > 0), true, true, true, true);
        Is((a > 0) ^ (b > 0), false, true, true, false);
        Is(~(a > 0), false, true, false, false);
        Is(tensor(new[] { float.NaN, 1, float.PositiveInfinity }).isnan(), true, false, false);
        Is(tensor(new[] { float.NaN, 1, float.PositiveInfinity }).isinf(), false, false, true);
        Is(tensor(new[] { float.NaN, 1, float.PositiveInfinity }).isfinite(), false, true, false);
    }

    [Fact]
    public void Products_are_sums_of_products()
    {
        var x = tensor(new double[] { 1, 2, 3, 4, 5, 6 }, [2, 3]);
        var y = tensor(new double[] { 1, 0, 2, -1, 0, 3 }, [3, 2]);
        double[] product = [5, 7, 14, 13];
        Near(product, x.mm(y));
        Near(product, x.matmul(y));
        Near(product, x.unsqueeze(0).bmm(y.unsqueeze(0)));
        Near(product, einsum("ij,jk->ik", x, y));
        Near(product.Select(p => (2 * p) + 0.5), ones(2, 2, dtype: float64).addmm(x, y, beta: 0.5f, alpha: 2));
        Near(product.Select(p => p + 1), ones(1, 2, 2, dtype: float64).baddbmm(x.unsqueeze(0), y.unsqueeze(0)));
        Near([14], x[0].matmul(x[0]));
        Near([0, 0, 0, 0], zeros(2, 0, dtype: float64).mm(zeros(0, 2, dtype: float64)));
    }

    [Fact]
    public void Equality_as_a_whole()
    {
        Assert.True(allclose(a, a + 1e-9));
        Assert.False(a.allclose(b));
        Assert.True(equal(a, a.clone()).all().item<bool>());
        Assert.Equal(a.shape, a.equal(a + 1).shape);       // elementwise, as TorchSharp's
        Assert.False(a.equal(a + 1).any().item<bool>());
        var nan = tensor(float.NaN);
        Assert.False(nan.allclose(nan));
        Assert.True(nan.allclose(nan, equal_nan: true));
        Assert.False(a.Equals(a.alias()));
        Assert.True(a.Equals(a));
    }
}
