using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>Settings of the whole process, each put back.</summary>
public sealed class DefaultsTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        set_default_dtype(float32);
        set_default_device(CPU);
        scope.Dispose();
    }

    [Fact]
    public void New_fractions_have_the_default_type_and_whole_numbers_keep_theirs()
    {
        Assert.Equal(float32, get_default_dtype());
        set_default_dtype(float64);
        Assert.All([zeros(2), ones([2]), rand(2), randn(2), empty(2), full(2, 0.5), full([2], 1f), arange(0.0, 2.0), nn.Linear(2, 2).weight, nn.LayerNorm(2).weight!], t => Assert.Equal(float64, t.dtype));
        Assert.Equal([float32, int64, int64, float32, int64], [zeros(2, dtype: float32).dtype, full(2, 1).dtype, arange(2).dtype, tensor(1f).dtype, randperm(2).dtype]);
        Assert.Throws<ArgumentException>(() => set_default_dtype(int64));
        Assert.Equal(float64, get_default_dtype());
    }

    [Fact]
    public void New_tensors_are_made_on_the_default_device()
    {
        Assert.Equal(CPU, get_default_device());
        set_default_device("meta");
        Assert.All([zeros(2), rand(2), full(2, 1), arange(3), tensor(new[] { 1f }), randint(3, [2])], t => Assert.Equal(DeviceType.META, t.device_type));
        Assert.Equal(CPU, zeros(2, device: CPU).device);
        Assert.Equal(CPU, zeros_like(zeros(2, device: CPU)).device);
        Assert.Throws<ArgumentNullException>(() => set_default_device((Device)null!));
    }

    [Fact]
    public void A_seed_by_chance_is_another_each_time_and_can_be_used_again()
    {
        var seed = random.seed();
        var drawn = rand(3);
        Assert.NotEqual(seed, random.seed());
        _ = manual_seed(seed);
        Assert.True(drawn.IsSame(rand(3)));
        cuda.manual_seed(1);
        cuda.manual_seed_all(1);
        Assert.True(!cuda.is_available() || drawn.cuda().is_cuda);
    }

    [Fact]
    public void Anomalies_are_named_while_they_are_looked_for()
    {
        Tensor Wrong() => tensor(new[] { -1.0 }, requires_grad: true).sqrt().sum();        // 1 / (2 √−1) is no number
        Wrong().backward();
        using (var mode = autograd.detect_anomaly())
        {
            Assert.True(AnomalyMode.IsEnabled && AnomalyMode.ShouldCheckNaN);
            Assert.Contains("SqrtBackward", Assert.Throws<TorchException>(Wrong().backward).Message);
            using (autograd.set_detect_anomaly(true, check_nan: false)) Wrong().backward();
            using (autograd.set_detect_anomaly(false)) Assert.False(AnomalyMode.IsEnabled);
            Assert.True(AnomalyMode.IsEnabled && AnomalyMode.ShouldCheckNaN);
        }
        Assert.False(AnomalyMode.IsEnabled);
        Wrong().backward();
    }

    [Fact]
    public void Half_precision_sums_are_a_switch()
    {
        var before = backends.cuda.matmul.allow_fp16_reduced_precision_reduction;
        backends.cuda.matmul.allow_fp16_reduced_precision_reduction = !before;
        Assert.Equal(!before, backends.cuda.matmul.allow_fp16_reduced_precision_reduction);
        backends.cuda.matmul.allow_fp16_reduced_precision_reduction = before;
    }
}
