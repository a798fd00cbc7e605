using static TorchSharp.torch;

namespace Rmt.Bert;

/// <summary>The functions hidden_act may name.</summary>
public static class Activations
{
    private static readonly Dictionary<string, Func<Tensor, Tensor>> Functions = new()
    {
        ["gelu"] = x => nn.functional.gelu(x),
        ["gelu_new"] = TanhGelu,
        ["gelu_fast"] = TanhGelu,
        ["gelu_pytorch_tanh"] = TanhGelu,
        ["quick_gelu"] = x => x * (x * 1.702).sigmoid(),
        ["relu"] = x => x.relu(),
        ["silu"] = x => x.silu(),
        ["swish"] = x => x.silu(),
        ["tanh"] = x => x.tanh(),
    };

    /// <summary>All names.</summary>
    public static IEnumerable<string> Names => Functions.Keys;

    /// <summary>Whether there is one of this name.</summary>
    public static bool Known(string name) => Functions.ContainsKey(name);

    // Whether a name is one of those of GELU by tanh.
    internal static bool IsTanhGelu(string name) => Functions.TryGetValue(name, out var function) && function == TanhGelu;

    /// <summary>The function of a name: elementwise, any shape.</summary>
    /// <exception cref="ArgumentException">No such function; the message lists those there are.</exception>
    public static Func<Tensor, Tensor> Named(string name) =>
        Functions.TryGetValue(name, out var function) ? function
            : throw new ArgumentException($"activation '{name}' is not supported; supported are {string.Join(", ", Names)}", nameof(name));

    // Hendrycks & Gimpel 2016: 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³)))
    private static Tensor TanhGelu(Tensor x)
    {
        using var scope = NewDisposeScope();
        var inner = (x + x.pow(3) * 0.044715) * Math.Sqrt(2 / Math.PI);
        return (x * 0.5 * (inner.tanh() + 1)).MoveToOuterDisposeScope();
    }
}
