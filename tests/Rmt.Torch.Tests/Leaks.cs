using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>Counts of live native tensors.</summary>
internal static class Leaks
{
    /// <summary>Fails where an action leaves more or fewer tensors alive than it found.</summary>
    public static void None(Action action)
    {
        Settle();
        var before = Tensor.TotalCount;
        action();
        Assert.Equal(before, Tensor.TotalCount);
    }

    /// <summary>Frees what earlier tests left to the collector, so that it does not go while somebody counts.</summary>
    public static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
