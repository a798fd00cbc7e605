using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

public sealed class InitTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void A_truncated_normal_is_the_inverse_of_its_sum_function_of_uniform_numbers()
    {
        var (mean, std, a, b) = (1.0, 0.5, 0.25, 1.75);         // 1.5 deviations on both sides
        using Generator one = new(5), two = new(5);
        var x = nn.init.trunc_normal_(empty([200], float64), mean, std, a, b, one);
        var edge = tensor(1.5 / Math.Sqrt(2)).erf().item<double>();
        var uniform = nn.init.uniform_(empty([200], float64), -edge, edge, two);
        Assert.True(((x - mean) / (std * Math.Sqrt(2))).erf().allclose(uniform, 1e-12, 1e-12));
    }

    [Theory]
    [InlineData(float64)]
    [InlineData(float32)]
    [InlineData(bfloat16)]
    public void A_truncated_normal_has_its_moments_and_nothing_outside(ScalarType type)
    {
        _ = manual_seed(1);
        var x = nn.init.trunc_normal_(empty([300, 300], type)).to(float64);
        Assert.InRange(x.abs().max().item<double>(), 1.98, 2);
        Assert.Equal(0, x.mean().item<double>(), 0.015);
        // 1 − 2 · 2 φ(2) / (2 Φ(2) − 1) = 1 − 4 · 0.0539910 / 0.9544997
        Assert.Equal(0.773741, x.var().item<double>(), 0.01);
        var narrow = nn.init.trunc_normal_(empty([300, 300], type), std: 0.02).to(float64);
        Assert.InRange(narrow.abs().max().item<double>(), 0.06, 0.12);      // bounds at 100 deviations cut nothing
        Assert.Equal(0.02, narrow.std().item<double>(), 3e-4);
        Assert.Throws<ArgumentException>(() => nn.init.trunc_normal_(empty(2), a: 1, b: 0));
    }

    [Fact]
    public void Normal_weights_have_the_deviations_of_Glorot_and_of_He()
    {
        _ = manual_seed(2);
        using var leaf = nn.Parameter(empty(200, 300));         // 200 out, 300 in
        Assert.Equal(2 * Math.Sqrt(2.0 / 500), nn.init.xavier_normal_(leaf, gain: 2).std().item<float>(), 2e-3);
        Assert.Equal(Math.Sqrt(2.0 / 300), nn.init.kaiming_normal_(leaf).std().item<float>(), 2e-3);
        Assert.Equal(Math.Sqrt(2.0 / 200), nn.init.kaiming_normal_(leaf, mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.ReLU).std().item<float>(), 2e-3);
        Assert.Throws<ArgumentException>(() => nn.init.xavier_normal_(empty(3)));
    }
}
