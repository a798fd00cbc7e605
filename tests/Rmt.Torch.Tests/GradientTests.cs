using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Rmt.Torch.Tests;

/// <summary>Gradients against central differences, in double precision.</summary>
public sealed class GradientTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Random dice = new(7);

    public void Dispose() => scope.Dispose();

    private Tensor Draw(params long[] sizes)
    {
        var values = new double[sizes.Aggregate(1L, (a, b) => a * b)];
        for (var i = 0; i < values.Length; i++) values[i] = (2 * dice.NextDouble()) - 1;
        return tensor(values, sizes);
    }

    // Weighs the result, so that no two elements of it count the same.
    private void Agrees(Func<Tensor[], Tensor> function, params Tensor[] inputs)
    {
        foreach (var input in inputs) _ = input.requires_grad_();
        var result = function(inputs);
        var weights = Draw(result.shape);
        var gradients = autograd.grad([(result * weights).sum()], inputs);
        using var mode = no_grad();
        const double step = 1e-5;
        for (var n = 0; n < inputs.Length; n++)
        {
            var elements = inputs[n].data<double>();
            var gradient = gradients[n].data<double>().ToArray();
            Assert.Equal(inputs[n].shape, gradients[n].shape);
            for (var i = 0; i < gradient.Length; i++)
            {
                using var inner = NewDisposeScope();
                var value = elements[i];
                elements[i] = value + step;
                var above = (function(inputs) * weights).sum().item<double>();
                elements[i] = value - step;
                var below = (function(inputs) * weights).sum().item<double>();
                elements[i] = value;
                var expected = (above - below) / (2 * step);
                Assert.True(Math.Abs(expected - gradient[i]) < 1e-7, $"input {n}, element {i}: {gradient[i]:R}, by differences {expected:R}");
            }
        }
    }

    [Fact]
    public void Of_a_linear_layer()
    {
        Agrees(x => F.linear(x[0], x[1], x[2]), Draw(2, 3, 4), Draw(5, 4), Draw(5));
        Agrees(x => F.linear(x[0], x[1]), Draw(3, 4), Draw(5, 4));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void Of_dropout_residual_and_norm_in_one_step(double p) =>
        Agrees(x =>
        {
            _ = manual_seed(3);
            return FusedTraining.DropoutAddNorm(x[0], x[1], x[2], x[3], x[4], p, 1e-5).Wide;
        }, Draw(2, 3, 8), Draw(8), Draw(2, 3, 8), Draw(8), Draw(8));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_bias_and_gelu_in_one_step(bool tanh) => Agrees(x => FusedTraining.BiasGelu(x[0], x[1], tanh), Draw(2, 3, 8), Draw(8));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Of_projections_that_are_one_product(int parts) =>
        Agrees(x => stack(FusedTraining.Projections(x[0], x[1], x[2], parts, 2)), Draw(2, 3, 4), Draw(6 * parts, 4), Draw(6 * parts));

    [Fact]
    public void Of_matrices_that_are_one() => Agrees(x => FusedTraining.Joined(x[0], x[0], x[1]), Draw(2, 3), Draw(4, 3));

    [Fact]
    public void Of_layer_norm()
    {
        Agrees(x => F.layer_norm(x[0], [4], x[1], x[2], 1e-12), Draw(2, 3, 4), Draw(4), Draw(4));
        Agrees(x => F.layer_norm(x[0], [3, 4]), Draw(2, 3, 4));
    }

    [Fact]
    public void Of_an_embedding()
    {
        var ids = tensor(new long[] { 2, 0, 2, 1 }, [2, 2]);
        using var table = nn.Embedding(4, 3, padding_idx: 1, dtype: float64);
        var direction = Draw(2, 2, 3);
        (table.call(ids) * direction).sum().backward();
        var gradient = table.weight.grad!;
        Assert.True(gradient[2].allclose(direction[0, 0] + direction[1, 0]));      // twice in the text
        Assert.True(gradient[0].allclose(direction[0, 1]));
        Assert.Equal(0, gradient[1].abs().sum().item<double>());                    // padding does not learn
        Assert.Equal(0, gradient[3].abs().sum().item<double>());
    }

    [Fact]
    public void Of_activations()
    {
        Agrees(x => x[0].gelu(), Draw(7));
        Agrees(x => x[0].tanh(), Draw(7));
        Agrees(x => x[0].silu(), Draw(7));
        Agrees(x => x[0].sigmoid().log(), Draw(7));
        Agrees(x => x[0].softmax(-1), Draw(2, 4));
        Agrees(x => x[0].softmax(0), Draw(2, 4));
        Agrees(x => x[0].log_softmax(1), Draw(2, 4));
    }

    [Fact]
    public void Of_numbers_on_either_side()
    {
        Agrees(x => 2 - x[0], Draw(3));
        Agrees(x => 2.5 / (x[0] + 3), Draw(3));
        Agrees(x => (x[0] * x[1]) + (x[0] / (x[1] + 3)), Draw(3), Draw(3));
        Agrees(x => x[0].pow(3), Draw(3));
    }

    // [batch, heads, queries, width] against three more keys than queries
    private Tensor[] Attended(long keys = 6) => [Draw(2, 2, 3, 4), Draw(2, 2, keys, 4), Draw(2, 2, keys, 5)];

    [Fact]
    public void Of_attention_with_every_kind_of_mask()
    {
        var seen = tensor(new[] { true, true, false, true, false, true, true, false, false, false, false, true, true, true, true, true, true, true }, [3, 6]);
        var added = Draw(3, 6);
        Agrees(x => F.scaled_dot_product_attention(x[0], x[1], x[2]), Attended());
        Agrees(x => F.scaled_dot_product_attention(x[0], x[1], x[2], seen), Attended());
        Agrees(x => F.scaled_dot_product_attention(x[0], x[1], x[2], added), Attended());
        Agrees(x => F.scaled_dot_product_attention(x[0], x[1], x[2], is_casual: true), Attended(3));
    }

    [Fact]
    public void Attention_is_a_weighted_mean_of_the_values_that_are_seen()
    {
        var parts = Attended();
        var (q, k, v) = (parts[0][0, 0].data<double>().ToArray(), parts[1][0, 0].data<double>().ToArray(), parts[2][0, 0].data<double>().ToArray());
        var seen = Enumerable.Range(0, 18).Select(i => i % 4 != 1).ToArray();
        var added = seen.Select(see => see ? 0.0 : double.NegativeInfinity).ToArray();
        var expected = new double[3 * 5];
        for (var row = 0; row < 3; row++)
        {
            var scores = new double[6];
            for (var key = 0; key < 6; key++)
            {
                for (var i = 0; i < 4; i++) scores[key] += q[(row * 4) + i] * k[(key * 4) + i] / 2;    // √4
                scores[key] = seen[(row * 6) + key] ? Math.Exp(scores[key]) : 0;
            }
            for (var key = 0; key < 6; key++)
                for (var i = 0; i < 5; i++) expected[(row * 5) + i] += scores[key] / scores.Sum() * v[(key * 5) + i];
        }
        foreach (var mask in new[] { tensor(seen, [3, 6]), tensor(added, [3, 6]) })
        {
            var actual = F.scaled_dot_product_attention(parts[0], parts[1], parts[2], mask)[0, 0].data<double>().ToArray();
            for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-12);
        }
        var square = Attended(3);
        var below = ones(3, 3, dtype: @bool).tril();
        Assert.True(F.scaled_dot_product_attention(square[0], square[1], square[2], is_casual: true)
            .allclose(F.scaled_dot_product_attention(square[0], square[1], square[2], below)));
    }

    [Fact]
    public void Of_the_cross_entropy()
    {
        var target = tensor(new long[] { 1, -100, 0, 2 });
        Agrees(x => F.cross_entropy(x[0], target), Draw(4, 3));
        Agrees(x => F.cross_entropy(x[0], target, reduction: nn.Reduction.None), Draw(4, 3));
        Agrees(x => F.cross_entropy(x[0], tensor(new long[] { 1, 2, 0 }), ignore_index: 2, reduction: nn.Reduction.Sum), Draw(3, 3));
        Agrees(x => F.cross_entropy(x[0], target, label_smoothing: 0.1), Draw(4, 3));
        Agrees(x => F.cross_entropy(x[0], target, weight: tensor(new[] { 1.0, 2, 3 })), Draw(4, 3));
        Agrees(x => F.mse_loss(x[0], x[1]), Draw(4), Draw(4));
        Agrees(x => F.binary_cross_entropy_with_logits(x[0], tensor(new[] { 1.0, 0, 1 })), Draw(3));
    }

    [Fact]
    public void The_cross_entropy_leaves_out_what_is_ignored_and_spreads_what_is_smoothed()
    {
        var x = Draw(3, 4);
        var values = x.data<double>().ToArray();
        double Log(int row, int column) => values[(row * 4) + column] - Math.Log(Enumerable.Range(0, 4).Sum(i => Math.Exp(values[(row * 4) + i])));
        double Loss(int row, int label) => -((0.9 * Log(row, label)) + (0.1 * Enumerable.Range(0, 4).Average(i => Log(row, i))));
        var target = tensor(new long[] { 3, 2, 0 });
        Assert.Equal(-(Log(0, 3) + Log(2, 0)) / 2, F.cross_entropy(x, target, ignore_index: 2).item<double>(), 1e-12);
        Assert.Equal((Loss(0, 3) + Loss(1, 2) + Loss(2, 0)) / 3, F.cross_entropy(x, target, label_smoothing: 0.1).item<double>(), 1e-12);
        Assert.Equal(-(Log(0, 3) + Log(1, 2) + Log(2, 0)), F.nll_loss(x.log_softmax(1), target, reduction: nn.Reduction.Sum).item<double>(), 1e-12);
    }

    [Fact]
    public void Of_parts_joins_and_choices()
    {
        var rows = tensor(new long[] { 2, 0, 2 });
        var mask = tensor(new[] { true, false, false, true, true, false }, [3, 2]);
        Agrees(x => x[0][rows], Draw(3, 2));
        Agrees(x => x[0][.., 1..], Draw(3, 2));
        Agrees(x => x[0][mask], Draw(3, 2));
        Agrees(x => cat([x[0], x[1], x[0]], 1), Draw(3, 2), Draw(3, 1));
        Agrees(x => stack([x[0], x[1]]), Draw(3, 2), Draw(3, 2));
        Agrees(x => where(mask, x[0], x[1]), Draw(3, 2), Draw(3, 2));
        Agrees(x => x[0].masked_fill(mask, -3), Draw(3, 2));
        Agrees(x => x[0].expand(4, -1), Draw(1, 2));
        Agrees(x => x[0].gather(1, tensor(new long[] { 1, 1, 0 }, [3, 1])), Draw(3, 2));
        Agrees(x => x[0].split([1, 2])[1] * x[0].chunk(3)[0], Draw(3, 2));
    }

    [Fact]
    public void Modes_nest_and_come_back_after_an_exception()
    {
        var x = ones(1, requires_grad: true);
        using (no_grad())
        {
            Assert.False((x * 2).requires_grad);
            using (enable_grad()) Assert.True((x * 2).requires_grad);
            Assert.False(is_grad_enabled());
            using (set_grad_enabled()) using (no_grad()) Assert.False(is_grad_enabled());
        }
        Assert.True(is_grad_enabled());
        Assert.Throws<TorchException>(() =>
        {
            using var inference = inference_mode();
            using var none = no_grad();
            Assert.True(is_inference_mode_enabled());
            using (inference_mode(false)) Assert.False(is_inference_mode_enabled());
            Assert.True(is_inference_mode_enabled());
            _ = x.view(7);
        });
        Assert.False(is_inference_mode_enabled());
        Assert.True(is_grad_enabled());
        var other = false;
        using (no_grad())
        {
            var thread = new Thread(() => other = is_grad_enabled());
            thread.Start();
            thread.Join();
        }
        Assert.True(other);                                 // a mode belongs to its thread
    }

    [Fact]
    public void What_was_not_used_has_no_gradient_if_that_is_allowed()
    {
        var (x, y) = (ones(1, requires_grad: true), ones(1, requires_grad: true));
        var gradients = autograd.grad([x * 3], [x, y], allow_unused: true);
        Assert.Equal(3, gradients[0].item<float>());
        Assert.Null(gradients[1]);
        Assert.Throws<TorchException>(() => autograd.grad([x * 3], [x, y]));
        Assert.Null(x.grad);
        Assert.Throws<ArgumentException>(() => autograd.grad([x * 3], [x], [ones(1), ones(1)]));
    }

    [Fact]
    public void Backward_adds_up_and_only_where_it_is_asked_to()
    {
        var (x, y) = (ones(2, requires_grad: true), ones(2, requires_grad: true));
        for (var i = 0; i < 2; i++) (x * y).sum().backward();
        Assert.Equal([2f, 2], x.grad!.data<float>().ToArray());
        (x * y).backward([tensor(new[] { 1f, 10 })], inputs: [y]);
        Assert.Equal([2f, 2], x.grad!.data<float>().ToArray());
        Assert.Equal([3f, 12], y.grad!.data<float>().ToArray());
        var middle = (x * 2).retain_grad();
        var end = (middle * middle).sum();
        end.backward(retain_graph: true);
        end.backward();
        Assert.Equal([8f, 8], middle.grad!.data<float>().ToArray());
        Assert.Throws<TorchException>(() => end.backward());
        Assert.False(x.detach().requires_grad);
        Assert.Null((x * 2).grad);
    }

    [Fact]
    public void Gradients_have_gradients()
    {
        var x = tensor(3.0, requires_grad: true);
        var first = autograd.grad([x.pow(3)], [x], create_graph: true)[0];
        Assert.Equal(27, first.item<double>(), 1e-12);
        Assert.Equal(18, autograd.grad([first], [x])[0].item<double>(), 1e-12);
    }
}
