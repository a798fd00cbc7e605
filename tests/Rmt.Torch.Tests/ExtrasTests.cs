using System.Runtime.InteropServices;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Rmt.Torch.Tests;

/// <summary>What TorchSharp lacks.</summary>
public sealed class ExtrasTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Autocast_narrows_products_and_leaves_parameters_and_gradients_wide()
    {
        using var linear = nn.Linear(8, 8);
        var x = randn(4, 8);
        var wide = linear.call(x);
        using (Autocast.Begin(CPU))
        {
            var narrow = linear.call(x);
            Assert.Equal(bfloat16, narrow.dtype);
            Assert.InRange(Near.Distance(wide, narrow.to(float32)), 1e-7, 0.05);
            using (Autocast.Begin(CPU, enabled: false)) Assert.Equal(float32, linear.call(x).dtype);
            Assert.Equal(bfloat16, linear.call(x).dtype);
            F.mse_loss(narrow.to(float32), zeros(4, 8)).backward();
        }
        Assert.Equal(float32, linear.call(x).dtype);
        Assert.Equal(float32, linear.weight.dtype);
        Assert.Equal(float32, linear.weight.grad!.dtype);
    }

    [Fact]
    public void Autocast_ends_with_an_exception_and_only_once()
    {
        IDisposable outer = Autocast.Begin(CPU), inner = Autocast.Begin(CPU);
        inner.Dispose();
        inner.Dispose();
        Assert.Equal(bfloat16, ones(2, 2).matmul(ones(2, 2)).dtype);
        outer.Dispose();
        Assert.Equal(float32, ones(2, 2).matmul(ones(2, 2)).dtype);
        Assert.Throws<TorchException>(() => Autocast.Begin(CPU, int64));
        Assert.Throws<TorchException>(() => Autocast.Begin(device(DeviceType.META)));
    }

    [Fact]
    public void A_tensor_over_native_memory_shares_it_and_releases_it_once_after_the_last_view()
    {
        var memory = Marshal.AllocHGlobal(6 * sizeof(float));
        Marshal.Copy(new float[] { 1, 2, 3, 4, 5, 6 }, 0, memory, 6);
        var released = 0;
        var tensor = NativeMemory.Tensor(memory, [2, 3], float32, () => released++);
        var view = tensor[1];
        tensor.Dispose();
        Assert.Equal(0, released);
        Assert.Equal([4f, 5, 6], view.data<float>().ToArray());
        view.Dispose();
        Assert.Equal(1, released);
        Marshal.FreeHGlobal(memory);
        Assert.Throws<TorchException>(() => NativeMemory.Tensor(memory, [-1], float32, () => released++));
        Assert.Throws<ArgumentNullException>(() => NativeMemory.Tensor(IntPtr.Zero, [1], float32, () => { }));
    }

    [Fact]
    public void Memory_of_a_device_is_counted_in_bytes()
    {
        Assert.Throws<ArgumentException>(() => Allocator.Statistics(CPU));
        if (!cuda.is_available())
        {
            Assert.Contains("CUDA", Assert.Throws<TorchException>(() => Allocator.Statistics(CUDA)).Message);
            Assert.Throws<TorchException>(() => Allocator.ResetPeak(CUDA));
            Assert.Throws<TorchException>(Allocator.EmptyCache);
            return;
        }
        Allocator.ResetPeak(CUDA);
        var before = Allocator.Statistics(CUDA);
        using (var tensor = zeros([1 << 20], device: CUDA)) Assert.InRange(Allocator.Statistics(CUDA).Allocated - before.Allocated, 4 << 20, 5 << 20);
        var after = Allocator.Statistics(CUDA);
        Assert.Equal(before.Allocated, after.Allocated);
        Assert.InRange(after.AllocatedPeak - before.Allocated, 4 << 20, 5 << 20);
        Allocator.EmptyCache();
        Assert.True(Allocator.Statistics(CUDA).Reserved <= after.Reserved);
    }

    [Fact]
    public void Kernels_of_our_own_are_to_be_had_on_a_device_or_a_sentence_says_why_not()
    {
        if (cuda.is_available()) Assert.Null(DeviceKernels.Missing);
        else Assert.Contains("no CUDA device", DeviceKernels.Missing);
        Assert.EndsWith(Path.Combine("rmt-adapter", "kernels"), DeviceKernels.CacheFolder ?? "rmt-adapter/kernels");
    }
}
