using static TorchSharp.torch;

namespace Rmt.Testing;

/// <summary>What a law is tried on.</summary>
public static class DeviceKinds
{
    /// <summary>Every kind of device there is: a machine with a GPU tries each case twice.</summary>
    public static IReadOnlyList<string> All { get; } = cuda.is_available() ? ["cpu", "cuda"] : ["cpu"];

    /// <summary>Each value on every one of them.</summary>
    public static IEnumerable<(T Value, string Device)> Times<T>(IEnumerable<T> values) => values.SelectMany(value => All.Select(device => (value, device)));
}
