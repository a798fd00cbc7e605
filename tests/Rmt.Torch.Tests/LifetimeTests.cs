using System.Runtime.CompilerServices;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>Frees that nobody sees coming: by another thread, by the collector.</summary>
public sealed class LifetimeTests
{
    [Fact]
    public void A_tensor_freed_on_another_thread_during_a_call_does_no_harm()
    {
        using var shared = ones(256, 256);
        for (var round = 0; round < 100; round++)
        {
            var victim = shared.clone();
            var free = new Thread(victim.Dispose);
            free.Start();
            try
            {
                for (var i = 0; i < 100; i++)
                {
                    using var product = victim.mm(shared);
                    using var corner = product[0, 0];
                    Assert.Equal(256, corner.ToSingle());
                }
            }
            catch (ObjectDisposedException) { }
            free.Join();
        }
    }

    [Fact]
    public void What_nobody_freed_the_collector_frees()
    {
        var before = Leaks.Baseline();
        Forget();
        for (var i = 0; i < 10 && Tensor.TotalCount > before; i++) Leaks.Settle();
        Assert.Equal(before, Tensor.TotalCount);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget()
    {
        for (var i = 0; i < 100; i++) _ = ones(10) + 1;
    }

    [Fact]
    public void The_number_of_threads_is_set_and_told()
    {
        var before = get_num_threads();
        try
        {
            foreach (var n in new[] { 2, 1 })
            {
                set_num_threads(n);
                Assert.Equal(n, get_num_threads());
            }
            Assert.Throws<ArgumentOutOfRangeException>(() => set_num_threads(0));
        }
        finally
        {
            set_num_threads(before);
        }
    }
}
