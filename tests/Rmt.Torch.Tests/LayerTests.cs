using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace Rmt.Torch.Tests;

/// <summary>Layers against their formulas in plain C#.</summary>
public sealed class LayerTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Linear_multiplies_by_the_transposed_weight_and_adds_the_bias()
    {
        using var linear = Linear(3, 2);
        var x = randn(4, 3);
        var y = linear.call(x);
        for (var i = 0; i < 4; i++)
        {
            for (var j = 0; j < 2; j++)
            {
                double sum = linear.bias![j].item<float>();
                for (var k = 0; k < 3; k++) sum += x[i, k].item<float>() * linear.weight[j, k].item<float>();
                Assert.Equal(sum, y[i, j].item<float>(), 1e-5);
            }
        }
        Assert.Equal((3L, 2L), (linear.in_features, linear.out_features));
        Assert.Null(Linear(3, 2, hasBias: false).bias);
        Assert.Equal([0, 2], linear.call(zeros(0, 3)).shape);
    }

    [Fact]
    public void The_table_of_an_embedding_can_be_replaced()
    {
        using var table = Embedding(1, 2);
        using var first = table.weight;
        table.weight = Parameter(arange(10, dtype: float32).view(5, 2));
        Assert.Equal([8f, 9f], table.call(tensor(new long[] { 4 }))[0].data<float>().ToArray());
        var (name, parameter) = Assert.Single(table.named_parameters());
        Assert.Equal("weight", name);
        Assert.Same(table.weight, parameter);
        Assert.False(first.IsInvalid);
        Assert.Throws<ArgumentNullException>(() => table.weight = null!);
    }

    [Fact]
    public void The_parameters_of_a_layer_can_be_replaced_and_taken_away()
    {
        using var linear = Linear(2, 1);
        using Parameter first = linear.weight, shift = linear.bias!;
        (linear.weight, linear.bias) = (Parameter(tensor(new[] { 2f, 3f }, [1, 2])), null);
        Assert.Equal(5, linear.call(ones(2)).item<float>());
        Assert.Equal(["weight"], linear.state_dict().Keys);
        linear.bias = shift;
        Assert.Equal(["weight", "bias"], linear.state_dict().Keys);
        Assert.Throws<ArgumentNullException>(() => linear.weight = null!);
        Assert.Equal(2, linear.parameters().Count());
        using var norm = nn.LayerNorm(2);
        norm.weight = Parameter(tensor(new[] { 2f, 4f }));
        Assert.True(norm.call(tensor(new[] { -5f, 5f })).allclose(tensor(new[] { -2f, 4f })));
    }

    [Fact]
    public void Rows_that_are_read_are_shortened_to_the_largest_norm()
    {
        using var table = Embedding(3, 2, max_norm: 1);
        table.weight = Parameter(tensor(new[] { 3f, 4, 0.3f, 0.4f, 6, 8 }, [3, 2]));
        var read = table.call(tensor(new long[] { 0, 1 }));
        Assert.True(read.allclose(tensor(new[] { 0.6f, 0.8f, 0.3f, 0.4f }, [2, 2]), 1e-5));
        Assert.Equal([6f, 8f], table.weight[2].data<float>());
        read.sum().backward();
        using var city = Embedding_from_pretrained(tensor(new[] { 3f, 4f }, [1, 2]), max_norm: 1, norm_type: 1);
        Assert.True(city.call(tensor(new long[] { 0 })).allclose(tensor(new[] { 3 / 7f, 4 / 7f }, [1, 2]), 1e-5));
    }

    [Fact]
    public void New_weights_lie_where_PyTorch_draws_them()
    {
        random.manual_seed(1);
        using var linear = Linear(25, 400);
        var bound = 1 / Math.Sqrt(25);
        Assert.InRange(linear.weight.abs().max().item<float>(), 0.9 * bound, bound);
        Assert.InRange(linear.bias!.abs().max().item<float>(), 0.9 * bound, bound);
        Assert.InRange(linear.weight.mean().item<float>(), -0.01, 0.01);
        using var table = Embedding(100, 100, padding_idx: 3);
        Assert.InRange(table.weight.std().item<float>(), 0.97, 1.03);
        Assert.Equal(0, table.weight[3].abs().sum().item<float>());
        using var none = Linear(0, 2);
        Assert.Equal([0f, 0f], none.call(ones(1, 0)).data<float>().ToArray());
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void Layers_can_be_made_in_any_floating_type(ScalarType type)
    {
        using var net = nn.Sequential(Embedding(3, 4, dtype: type), Linear(4, 4, dtype: type), nn.LayerNorm(4, dtype: type));
        Assert.All(net.parameters(), parameter => Assert.Equal(type, parameter.dtype));
        Assert.All(net.parameters(), parameter => Assert.True(parameter.isfinite().all().ToBoolean()));
    }

    [Fact]
    public void Embedding_takes_rows_by_number()
    {
        var rows = arange(6).to(float32).view(3, 2);
        using var table = Embedding_from_pretrained(rows, freeze: false);
        var y = table.call(tensor(new long[] { 2, 0, 2 }, [1, 3]));
        Assert.Equal([1, 3, 2], y.shape);
        Assert.Equal([4f, 5, 0, 1, 4, 5], y.data<float>().ToArray());
        Assert.Throws<TorchException>(() => table.call(tensor(new long[] { 3 })));
        Assert.Throws<TorchException>(() => table.call(ones(1)));
        Assert.Equal([0, 2], table.call(zeros(0, dtype: int64)).shape);
        Assert.True(table.weight.requires_grad);
        Assert.Equal(6, rows.numel());                      // the caller's tensor stays the caller's
        using var frozen = Embedding_from_pretrained(rows);
        Assert.False(frozen.weight.requires_grad);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-2)]
    public void The_padding_row_gets_no_gradient(int padding)
    {
        using var table = Embedding(3, 2, padding_idx: padding);
        table.call(tensor(new long[] { 0, 1, 1, 2 })).sum().backward();
        Assert.Equal([1f, 1, 0, 0, 1, 1], table.weight.grad!.data<float>().ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => Embedding(3, 2, padding_idx: 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Embedding(3, 2, padding_idx: -4));
    }

    [Fact]
    public void Layer_norm_has_mean_zero_and_variance_one_before_scale_and_shift()
    {
        using var norm = nn.LayerNorm(4, eps: 0.5);
        double[] x = [1, 2, 4, 9];
        using (no_grad()) { _ = norm.weight!.fill_(2); _ = norm.bias!.fill_(3); }
        var mean = x.Average();
        var variance = x.Sum(v => (v - mean) * (v - mean)) / 4;
        var y = norm.call(tensor(x, dtype: float32));
        for (var i = 0; i < 4; i++) Assert.Equal((2 * (x[i] - mean) / Math.Sqrt(variance + 0.5)) + 3, y[i].item<float>(), 1e-5);
        using var plain = nn.LayerNorm([2, 2], elementwise_affine: false);
        Assert.Empty(plain.parameters());
        Assert.Equal(0, plain.call(randn(3, 2, 2))[1].mean().item<float>(), 1e-5);
        using var unshifted = nn.LayerNorm([2], bias: false);
        Assert.Null(unshifted.bias);
    }

    [Fact]
    public void Dropout_zeroes_some_scales_the_rest_and_rests_when_not_training()
    {
        random.manual_seed(5);
        using var dropout = Dropout(0.25);
        var y = dropout.call(ones(10_000));
        Assert.InRange(y.eq(0).sum().item<long>(), 2_300, 2_700);
        Assert.Equal([0f, 4 / 3f], y.data<float>().Distinct().Order());
        dropout.eval();
        Assert.True(Same.IsSame(ones(5), dropout.call(ones(5))));
        Assert.Throws<ArgumentOutOfRangeException>(() => Dropout(1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Dropout(double.NaN));
        var x = ones(1000);
        Assert.Same(x, F.dropout(x, 0.5, inplace: true));
        Assert.Equal(0, x.min().item<float>());
    }

    [Fact]
    public void Activations_do_what_their_names_say()
    {
        var x = tensor(new[] { -1f, 0, 2 });
        Assert.Equal([0f, 0, 2], ReLU().call(x).data<float>().ToArray());
        Assert.True(Same.IsSame(x.tanh(), Tanh().call(x)));
        Assert.True(Same.IsSame(x.gelu(), GELU().call(x)));
        var same = Identity().call(x);
        Assert.NotSame(x, same);
        Assert.True(Same.IsSame(x, same));
        Assert.True(Same.IsSame(x.silu(), F.silu(x)) && Same.IsSame(x.tanh(), F.tanh(x)));
        Assert.Same(x, F.relu(x, inplace: true));
    }

    [Fact]
    public void A_sequence_is_one_call_after_another_and_an_empty_one_is_none()
    {
        using var net = nn.Sequential(Linear(2, 3), GELU(), Linear(3, 1));
        var x = randn(4, 2);
        var by_hand = x;
        foreach (var layer in net.children()) by_hand = ((Module<Tensor, Tensor>)layer).call(by_hand);
        Assert.True(Same.IsSame(by_hand, net.call(x)));
        using var empty = nn.Sequential(Array.Empty<Module<Tensor, Tensor>>());
        Assert.True(Same.IsSame(x, empty.call(x)));
    }

    [Fact]
    public void First_values_can_be_set()
    {
        random.manual_seed(2);
        using var p = Parameter(empty(10_000));
        _ = init.normal_(p, 1, 0.02);
        Assert.Equal(1, p.mean().item<float>(), 1e-3);
        Assert.Equal(0.02, p.std().item<float>(), 1e-3);
        _ = init.uniform_(p, 2, 3);
        Assert.InRange(p.min().item<float>(), 2, 2.01);
        Assert.Equal(10_000, init.ones_(p).sum().item<float>());
        Assert.Equal(0, init.zeros_(p).sum().item<float>());
        Assert.Same(p, init.constant_(p, 0.5));
        Assert.True(p is { is_leaf: true, requires_grad: true });
    }
}
