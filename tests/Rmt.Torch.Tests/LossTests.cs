using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace Rmt.Torch.Tests;

/// <summary>Attention and losses, against loops in plain C#.</summary>
public sealed class LossTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public LossTests() => random.manual_seed(3);

    public void Dispose() => scope.Dispose();

    private static double[,] Matrix(Tensor t)
    {
        var result = new double[t.shape[0], t.shape[1]];
        for (var i = 0; i < t.shape[0]; i++)
            for (var j = 0; j < t.shape[1]; j++) result[i, j] = t[i, j].ToDouble();
        return result;
    }

    private static double[] LogSoftmax(double[,] x, int row)
    {
        var values = Enumerable.Range(0, x.GetLength(1)).Select(j => x[row, j]).ToArray();
        var log = Math.Log(values.Sum(Math.Exp));
        return [.. values.Select(v => v - log)];
    }

    // weights[i, j] = softmax over j of (q_i · k_j / √d + mask_ij); out_i = Σ_j weights[i, j] v_j
    private static double[,] Attention(double[,] q, double[,] k, double[,] v, Func<int, int, double> mask)
    {
        var (rows, keys, d, width) = (q.GetLength(0), k.GetLength(0), q.GetLength(1), v.GetLength(1));
        var scores = new double[rows, keys];
        for (var i = 0; i < rows; i++)
            for (var j = 0; j < keys; j++)
                scores[i, j] = (Enumerable.Range(0, d).Sum(c => q[i, c] * k[j, c]) / Math.Sqrt(d)) + mask(i, j);
        var result = new double[rows, width];
        for (var i = 0; i < rows; i++)
        {
            var weights = LogSoftmax(scores, i).Select(Math.Exp).ToArray();
            for (var c = 0; c < width; c++) result[i, c] = Enumerable.Range(0, keys).Sum(j => weights[j] * v[j, c]);
        }
        return result;
    }

    private static void Near(double[,] expected, Tensor actual)
    {
        var found = Matrix(actual);
        for (var i = 0; i < expected.GetLength(0); i++)
            for (var j = 0; j < expected.GetLength(1); j++) Assert.Equal(expected[i, j], found[i, j], 1e-9);
    }

    [Fact]
    public void Attention_equals_products_and_softmax_by_hand()
    {
        var (q, k, v) = (randn(3, 4, dtype: float64), randn(5, 4, dtype: float64), randn(5, 4, dtype: float64));
        Tensor Run(Tensor? mask = null, bool causal = false) =>
            F.scaled_dot_product_attention(q.view(1, 1, 3, 4), k.view(1, 1, 5, 4), v.view(1, 1, 5, 4), mask, is_casual: causal)[0, 0];
        double[,] Expected(Func<int, int, double> mask) => Attention(Matrix(q), Matrix(k), Matrix(v), mask);
        const double No = double.NegativeInfinity;

        Near(Expected((_, _) => 0), Run());
        // True: seen.
        var seen = tensor(new[] { true, true, false, true, false });
        Near(Expected((_, j) => j is 2 or 4 ? No : 0), Run(seen.view(1, 1, 1, 5).expand(1, 1, 3, 5)));
        // Anything else is added to the scores.
        var added = randn(3, 5, dtype: float64);
        Near(Expected((i, j) => added[i, j].item<double>()), Run(added.view(1, 1, 3, 5)));
        Near(Attention(Matrix(q), Matrix(k[..3]), Matrix(v[..3]), (i, j) => j > i ? No : 0),
            F.scaled_dot_product_attention(q.view(1, 1, 3, 4), k[..3].view(1, 1, 3, 4), v[..3].view(1, 1, 3, 4), is_casual: true)[0, 0]);
    }

    [Fact]
    public void Heads_and_batch_do_not_see_each_other()
    {
        var q = randn(2, 3, 4, 8);
        var all = F.scaled_dot_product_attention(q, q, q);
        for (var b = 0; b < 2; b++)
        {
            for (var h = 0; h < 3; h++)
            {
                var one = q[b, h].unsqueeze(0).unsqueeze(0);
                Assert.True(allclose(all[b, h], F.scaled_dot_product_attention(one, one, one)[0, 0], atol: 1e-6));
            }
        }
    }

    [Theory]
    [InlineData(Reduction.Mean)]
    [InlineData(Reduction.Sum)]
    [InlineData(Reduction.None)]
    public void Cross_entropy_is_the_weighted_mean_of_minus_log_probabilities(Reduction reduction)
    {
        var x = randn(4, 3, dtype: float64);
        long[] targets = [2, 0, -7, 1];             // the third is ignored
        double[] weights = [1, 2, 0.5];
        var p = Enumerable.Range(0, 4).Select(i => LogSoftmax(Matrix(x), i)).ToArray();
        var losses = targets.Select((target, i) => target < 0 ? 0 : -weights[target] * p[i][target]).ToArray();
        var loss = F.cross_entropy(x, tensor(targets), weight: tensor(weights), ignore_index: -7, reduction: reduction);
        double[] expected = reduction switch
        {
            Reduction.None => losses,
            Reduction.Sum => [losses.Sum()],
            _ => [losses.Sum() / (0.5 + 1 + 2)],
        };
        foreach (var (e, found) in expected.Zip(loss.data<double>().ToArray(), ValueTuple.Create)) Assert.Equal(e, found, 1e-9);
        using var module = CrossEntropyLoss(tensor(weights), ignore_index: -7, reduction);
        Assert.True(Same.IsSame(loss, module.call(x, tensor(targets))));
        var read = tensor(new long[] { 0, 1, 3 });
        Assert.True(allclose(reduction is Reduction.None ? loss[read] : loss, F.nll_loss(x.log_softmax(1)[read], tensor(new long[] { 2, 0, 1 }), tensor(weights), reduction)));
    }

    [Fact]
    public void Smoothing_spreads_a_part_of_the_label_over_all()
    {
        var x = randn(3, 4, dtype: float64);
        long[] targets = [3, 1, 0];
        const double Smoothing = 0.2;
        var expected = targets.Select((target, i) =>
        {
            var p = LogSoftmax(Matrix(x), i);
            return -((1 - Smoothing) * p[target]) - (Smoothing / 4 * p.Sum());
        }).Average();
        Assert.Equal(expected, F.cross_entropy(x, tensor(targets), label_smoothing: Smoothing).item<double>(), 1e-9);
    }

    [Fact]
    public void A_loss_over_nothing_is_not_a_number() =>
        Assert.True(double.IsNaN(F.cross_entropy(zeros(1, 3), tensor(new long[] { -100 })).ToDouble()));

    [Fact]
    public void Squares_and_binary_cross_entropy()
    {
        double[] x = [0.5, -2, 3], y = [1, 0, 1], weight = [1, 2, 3];
        double Bce(int i, double positive = 1) => -(positive * y[i] * -Math.Log(1 + Math.Exp(-x[i]))) - ((1 - y[i]) * -Math.Log(1 + Math.Exp(x[i])));
        var (a, b) = (tensor(x), tensor(y));
        Assert.Equal(x.Zip(y, (p, q) => (p - q) * (p - q)).Average(), F.mse_loss(a, b).item<double>(), 1e-12);
        Assert.Equal(x.Zip(y, (p, q) => (p - q) * (p - q)).Sum(), F.mse_loss(a, b, Reduction.Sum).item<double>(), 1e-12);
        Assert.Equal(Enumerable.Range(0, 3).Average(i => Bce(i)), F.binary_cross_entropy_with_logits(a, b).item<double>(), 1e-12);
        Assert.Equal(Enumerable.Range(0, 3).Sum(i => weight[i] * Bce(i)),
            F.binary_cross_entropy_with_logits(a, b, tensor(weight), Reduction.Sum).item<double>(), 1e-12);
        Assert.Equal(Enumerable.Range(0, 3).Average(i => Bce(i, 4)),
            F.binary_cross_entropy_with_logits(a, b, pos_weights: full([3], 4.0, dtype: float64)).item<double>(), 1e-12);
    }

    [Fact]
    public void One_hot_has_a_column_a_class()
    {
        Assert.Equal([0L, 1, 0, 1, 0, 0], F.one_hot(tensor(new long[] { 1, 0 }), 3).data<long>().ToArray());
        Assert.Equal([2, 2], F.one_hot(tensor(new long[] { 1, 0 })).shape);
    }
}
