using System.Diagnostics;
using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>Temporaries that no scope owns, while the collector runs without a pause: their memory is theirs until the call returns.</summary>
public sealed class UseAfterFreeTests
{
    private static void WhileCollecting(TimeSpan time, Action action)
    {
        using var end = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!end.IsCancellationRequested)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            for (var watch = Stopwatch.StartNew(); watch.Elapsed < time;) action();
        }
        finally
        {
            end.Cancel();
            collector.Join();
        }
    }

    // At once optimized: an unoptimized method keeps its temporaries alive to its end and would hide the fault.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Tensor Product() => ones(512, 512).mm(ones(512, 512));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float[] Elements() => full([1 << 18], 3f).data<float>().ToArray();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Tensor Joined() => cat([full([1 << 16], 5f), full([1 << 16], 5f)])[TensorIndex.Tensor(arange(1 << 16))];

    [Fact]
    public void A_product_of_temporaries_is_right() => WhileCollecting(TimeSpan.FromSeconds(2), () =>
    {
        using var product = Product();
        Assert.Equal((512f, 512f), (product.min().ToSingle(), product.max().ToSingle()));
    });

    [Fact]
    public void The_elements_of_a_temporary_are_right() =>
        WhileCollecting(TimeSpan.FromSeconds(0.7), () => Assert.Equal(-1, Elements().AsSpan().IndexOfAnyExcept(3f)));

    [Fact]
    public void Lists_and_indexes_of_temporaries_are_right() => WhileCollecting(TimeSpan.FromSeconds(0.7), () =>
    {
        using var joined = Joined();
        Assert.Equal((5f, 5f), (joined.min().ToSingle(), joined.max().ToSingle()));
    });
}
