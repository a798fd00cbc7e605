using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

public sealed class StorageTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor whole = arange(6, dtype: float32).view(2, 3);

    public void Dispose() => scope.Dispose();

    [Fact]
    public void The_storage_of_a_view_is_the_memory_of_the_whole()
    {
        using var storage = whole[1].storage<float>();
        Assert.Equal([0f, 1, 2, 3, 4, 5], storage.ToArray());
        Assert.Equal((6, 4, 24UL, CPU), (storage.Count, storage.element_size(), storage.nbytes(), storage.device));
        Assert.Equal((true, false, 4), (storage.Contains(5), storage.Contains(9), storage.IndexOf(4)));
        storage[0] = 9;
        Assert.Equal(9, whole[0, 0].item<float>());
        storage.copy_([7, 8]);
        storage.CopyFrom([0, 3], 1);
        Assert.Equal([3f, 8, 2, 3, 4, 5], whole.data<float>().ToArray());
        var some = new float[4];
        storage.CopyTo(some, 2);
        Assert.Equal([0, 0, 3, 8], some);
        storage.fill_(1);
        Assert.Equal(6, whole.sum().item<float>());
        Assert.Throws<IndexOutOfRangeException>(() => storage[6]);
    }

    [Fact]
    public void The_storage_of_another_type_is_a_copy()
    {
        using var storage = whole.storage<long>();
        storage[0] = 7;
        Assert.Equal(0, whole[0, 0].item<float>());
        Assert.Equal([0.0, 1, 2, 3, 4, 5], whole.storage<float>().@double());
        Assert.Throws<NotSupportedException>(() => whole.storage<char>());
    }

    [Fact]
    public void A_storage_outlives_its_tensor()
    {
        var alone = ones(3);
        using var storage = alone.storage<float>();
        alone.Dispose();
        Assert.Equal([1f, 1, 1], storage.tolist());
    }

    [Fact]
    public void Sizes_are_values()
    {
        Size a = (2, 3), b = new long[] { 2, 3 };
        Assert.True(a == b && !(a != b) && a.Equals((object)b) && a.GetHashCode() == b.GetHashCode() && a != new Size(2));
        Assert.Equal((6L, 2, 3L, false, true), (a.numel(), a.Length, a[1], a.IsEmpty, default(Size).IsEmpty));
        Assert.Equal((1L, Size.Empty), (Size.Empty.numel(), default));
        Assert.Equal([2, 3, 4], a + 4);
        Assert.Equal([3], a.Slice(1, 2));
        Assert.Equal([2], a.Slice(-2, -1));
        Assert.True(a.Slice(1, 1).IsEmpty);
        Assert.Equal("[2, 3]", a.ToString());
    }
}
