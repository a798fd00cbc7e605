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
        Same(before);
    }

    /// <summary>Fails where more or fewer tensors are alive than there were. Not with TorchSharp's own package: there a tensor that becomes a parameter
    /// is counted twice and taken back once, so that its count says nothing.</summary>
    public static void Same(long before)
    {
        if (typeof(Tensor).Assembly.GetName().Name != "TorchSharp") Xunit.Assert.Equal(before, Tensor.TotalCount);
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
