using TorchSharp;

namespace Rmt.Testing;

/// <summary>Which libtorch binding the tests run on.</summary>
public static class Provider
{
    /// <summary>Whether it is our own: what TorchSharp lacks (namespace Rmt.Torch) throws with another.</summary>
    public static bool HasExtras => typeof(torch).Assembly.GetName().Name == "Rmt.Torch";
}
