using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>Freed blocks of the CPU are kept, found again, and bounded.</summary>
public sealed class CpuMemoryTests : IDisposable
{
    private const long Megabyte = 1 << 20, MegabytesTenAndAHalf = 21 * Megabyte / 2;

    public CpuMemoryTests()
    {
        CpuMemory.SetLimit(0);
        CpuMemory.SetLimit(64 * Megabyte);
    }

    public void Dispose() => CpuMemory.SetLimit(CpuMemory.DefaultLimit);

    private static void Make(long bytes) => empty([bytes], uint8).Dispose();

    [Fact]
    public void A_freed_block_is_kept_and_the_next_tensor_of_about_its_size_takes_it()
    {
        Make(MegabytesTenAndAHalf);
        Assert.InRange(CpuMemory.Kept, 10 * Megabyte, 12 * Megabyte);
        using (empty([MegabytesTenAndAHalf - 1000], uint8)) Assert.Equal(0, CpuMemory.Kept);
        Assert.InRange(CpuMemory.Kept, 10 * Megabyte, 12 * Megabyte);
        using (empty([5 * Megabyte], uint8)) Assert.InRange(CpuMemory.Kept, 10 * Megabyte, 12 * Megabyte);     // another size: another block
    }

    [Fact]
    public void No_more_is_kept_than_may_be_and_what_waited_longest_goes_first()
    {
        for (var size = 1; size <= 20; size++)
        {
            Make(size * Megabyte);
            Assert.InRange(CpuMemory.Kept, 0, 64 * Megabyte);
        }
        var kept = CpuMemory.Kept;
        using (empty([20 * Megabyte], uint8)) Assert.True(CpuMemory.Kept < kept, "the last is still here");
        kept = CpuMemory.Kept;
        using (empty([1 * Megabyte], uint8)) Assert.Equal(kept, CpuMemory.Kept);                                // the first is not
        CpuMemory.SetLimit(0);
        Assert.Equal(0, CpuMemory.Kept);
        Assert.Throws<ArgumentOutOfRangeException>(() => CpuMemory.SetLimit(-1));
    }

    [Fact]
    public void Small_tensors_and_empty_ones_are_not_kept()
    {
        var kept = CpuMemory.Kept;
        foreach (var size in new long[] { 0, 1, 63, 64, 65, 1000, 60_000 }) Make(size);
        Assert.Equal(kept, CpuMemory.Kept);
    }

    [Fact]
    public void Threads_that_make_and_free_keep_their_numbers_apart()
    {
        Parallel.For(0, 8, thread =>
        {
            for (var i = 0; i < 200; i++)
            {
                using var a = full([20_000 + 1000 * (i % 7)], (float)thread);
                using var b = a + 1;
                Assert.Equal((thread + 1.0) * b.numel(), b.sum().item<float>(), 1e-3 * b.numel());
            }
        });
    }

    [Fact]
    public void A_size_that_no_machine_has_is_an_error_and_nothing_else()
    {
        Assert.Throws<TorchSharp.TorchOutOfMemoryException>(() => empty([1L << 50], uint8));
        using var still = ones([1000]);
        Assert.Equal(1000, still.sum().item<float>());
    }
}
