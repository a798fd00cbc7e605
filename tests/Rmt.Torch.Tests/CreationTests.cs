using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

public sealed class CreationTests
{

    [Fact]
    public void Sizes_type_and_device_are_those_asked_for()
    {
        using var scope = NewDisposeScope();
        var t = zeros([2, 0, 3], dtype: int32, device: CPU);
        Assert.Equal([2, 0, 3], t.shape);
        Assert.Equal((int32, "cpu", 3L, 0L, 4L), (t.dtype, t.device.ToString(), t.ndim, t.numel(), t.element_size()));
        Assert.Equal(float32, ones(1).dtype);
        Assert.True(ones(1, requires_grad: true).requires_grad);
    }

    [Fact]
    public void Tensors_of_more_than_eight_dimensions_tell_their_shape()
    {
        using var scope = NewDisposeScope();
        long[] sizes = [1, 2, 1, 2, 1, 2, 1, 2, 1, 3];
        Assert.Equal(sizes, zeros(sizes).shape);
        Assert.Equal([48, 24, 24, 12, 12, 6, 6, 3, 3, 1], zeros(sizes).stride());
    }

    [Fact]
    public void Zeros_ones_and_full_hold_what_they_say()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([0f, 0f], zeros(2).data<float>().ToArray());
        Assert.Equal([1L, 1L], ones(2, dtype: int64).data<long>().ToArray());
        Assert.Equal([2.5f, 2.5f], full([2], 2.5).data<float>().ToArray());
        Assert.Equal([7L], full([1], 7).data<long>().ToArray());
        Assert.Equal([true], full([1], true).data<bool>().ToArray());
        Assert.Equal([3f, 3f], full_like(zeros(2), 3).data<float>().ToArray());
    }

    [Fact]
    public void Arange_counts_in_whole_numbers_unless_a_bound_is_real()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([0L, 1L, 2L], arange(3).data<long>().ToArray());
        Assert.Equal([1L, 3L], arange(1, 5, 2).data<long>().ToArray());
        Assert.Equal([0f, 0.5f, 1f], arange(0, 1.25, 0.5).data<float>().ToArray());
        Assert.Equal(0, arange(0).numel());
    }

    [Fact]
    public void A_tensor_like_another_takes_its_type_and_shape()
    {
        using var scope = NewDisposeScope();
        var t = empty(2, 3, dtype: float64);
        foreach (var like in new[] { zeros_like(t), ones_like(t), empty_like(t), rand_like(t), randn_like(t), t.new_zeros(2, 3), t.new_ones([2, 3]), t.new_full([2, 3], 1), t.new_empty([2, 3]) })
        {
            Assert.Equal([2, 3], like.shape);
            Assert.Equal(float64, like.dtype);
        }
        Assert.Equal(int32, zeros_like(t, dtype: int32).dtype);
    }

    [Fact]
    public void Negative_sizes_are_an_exception()
    {
        Assert.Throws<TorchException>(() => zeros(-1));
        Assert.Throws<TorchException>(() => full([-1], 0));
    }

    [Theory]
    [InlineData("cpu", DeviceType.CPU, -1)]
    [InlineData("cuda", DeviceType.CUDA, 0)]
    [InlineData("cuda:3", DeviceType.CUDA, 3)]
    [InlineData("meta", DeviceType.META, -1)]
    public void A_device_is_named_by_kind_and_number(string name, DeviceType type, int index)
    {
        var parsed = device(name);
        Assert.Equal((type, index), (parsed.type, parsed.index));
        Assert.Equal(parsed, new Device(type, index));
        Assert.True(parsed == (Device)parsed.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:x")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:0:1")]
    public void What_is_no_device_is_refused_by_name(string name) => Assert.Contains($"'{name}'", Assert.Throws<ArgumentException>(() => device(name)).Message);

    [Fact]
    public void A_device_that_is_not_there_is_an_exception()
    {
        if (cuda.is_available()) Assert.Skip("needs a machine without CUDA");
        using var t = ones(1);
        Assert.Throws<TorchException>(() => t.cuda());
        Assert.Throws<TorchException>(() => zeros(1, device: "cuda"));
        Assert.Equal(0, cuda.device_count());
    }

    [Fact]
    public void Meta_tensors_have_a_shape_and_no_memory()
    {
        using var t = empty(1L << 40, device: new Device(DeviceType.META));
        Assert.Equal([1L << 40], t.shape);
        Assert.Throws<InvalidOperationException>(() => t.bytes.Length);
    }

    [Fact]
    public void Pinning_without_CUDA_says_that_in_its_first_line()
    {
        if (cuda.is_available()) Assert.Skip("needs a machine without CUDA");
        using var t = ones(3);
        Assert.False(t.is_pinned());
        var error = Assert.Throws<TorchException>(() => t.pin_memory());
        Assert.Equal("pin_memory: pages are pinned for CUDA, and this machine has no CUDA device", error.Message);
    }

    [Fact]
    public void The_version_of_libtorch_is_known() => Assert.Matches(@"^\d+\.\d+", __version__);
}
