using static TorchSharp.torch;

namespace Rmt.Testing;

/// <summary>Counts of live native tensors.</summary>
public static class Leaks
{
    /// <summary>Fails where an action leaves more or fewer tensors alive than it found.</summary>
    public static void None(Action action)
    {
        var before = Baseline();
        action();
        Xunit.Assert.Equal(before, Tensor.TotalCount);
    }

    /// <summary>The tensors alive now, without those that earlier tests left to the collector: these would go while somebody counts.</summary>
    public static long Baseline()
    {
        Settle();
        return Tensor.TotalCount;
    }

    /// <summary>Frees what earlier tests left to the collector.</summary>
    public static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
