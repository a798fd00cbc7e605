using Rmt.Testing;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>A packed layer, where this processor has one, is the layer; where it has none, nobody notices.</summary>
public class PackedLinearTests
{
    [Fact]
    public void It_computes_what_the_layers_compute_and_rounds_no_more_often() => Leaks.None(() =>
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        random.manual_seed(1);
        var layers = new[] { 40, 24 }.Select(wide => (Weight: (randn(wide, 48) * 0.3).to(bfloat16), Bias: randn(wide).to(bfloat16))).ToArray();
        var (x, residual) = (randn(2, 7, 48).to(bfloat16), randn(2, 7, 64).to(bfloat16));
        using var packed = PackedLinear.Of([.. layers.Select(layer => layer.Weight)], [.. layers.Select(layer => layer.Bias)]);
        Tensor Exact(Tensor from) => cat([.. layers.Select(layer => nn.functional.linear(from.to(float64), layer.Weight.to(float64), layer.Bias.to(float64)))], -1);
        Tensor Plain() => cat([.. layers.Select(layer => nn.functional.linear(x, layer.Weight, layer.Bias))], -1);
        var exact = Exact(x);
        foreach (var (name, own, expected, plain) in new (string, Tensor?, Tensor, Tensor)[]
        {
            ("alone", packed?.Apply(x), exact, Plain()),
            ("with a residual", packed?.Apply(x, residual), exact + residual.to(float64), Plain() + residual),
            ("with GELU", packed?.Apply(x, gelu: true), nn.functional.gelu(exact), nn.functional.gelu(Plain())),
        })
            if (own is not null) Near.Equal(expected, own, Near.Distance(plain, expected) + 1e-6, name);
    });

    [Fact]
    public void It_computes_nothing_once_a_weight_changed_or_a_gradient_is_wanted() => Leaks.None(() =>
    {
        using var scope = NewDisposeScope();
        using var weight = nn.Parameter(randn(32, 64).to(bfloat16));
        using var bias = nn.Parameter(randn(32).to(bfloat16));
        var x = randn(3, 64).to(bfloat16);
        using var packed = PackedLinear.Of([weight], [bias]);
        Assert.Null(packed?.Apply(x));
        using var mode = no_grad();
        Assert.Null(packed?.Apply(x.to(float32)));
        if (packed is not null) Assert.NotNull(packed.Apply(x));
        bias.add_(1);
        Assert.Null(packed?.Apply(x));
    });

    [Fact]
    public void What_is_not_bfloat16_is_not_packed()
    {
        using var scope = NewDisposeScope();
        Assert.Null(PackedLinear.Of([randn(32, 64)], [randn(32)]));
    }
}
