using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Testing;

/// <summary>Comparison of tensors that says how far off they are.</summary>
public static class Near
{
    /// <summary>The largest difference.</summary>
    public static double Distance(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        Xunit.Assert.Equal(b.shape, a.shape);
        if (a.numel() == 0) return 0;
        return (a.detach().to(float64).cpu() - b.detach().to(float64).cpu()).abs().max().item<double>();
    }

    /// <summary>Fails where any element is farther off than allowed, or is not a number.</summary>
    public static void Equal(Tensor expected, Tensor actual, double tolerance, string what)
    {
        var distance = Distance(actual, expected);
        Xunit.Assert.True(distance <= tolerance, $"{what}: largest difference {distance:E2}, allowed {tolerance:E2}");
    }
}
