using Rmt.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Bert;

/// <summary>A function of <see cref="Activations"/> behind a dense layer, and the two as fewer steps where there are such.</summary>
/// <param name="name">One of <see cref="Activations.Names"/>.</param>
/// <exception cref="ArgumentException">No such function.</exception>
public sealed class Activation(string name)
{
    private readonly Func<Tensor, Tensor> function = Activations.Named(name);
    private readonly bool isTanhGelu = Activations.IsTanhGelu(name);

    /// <summary>Whether it is GELU by erf.</summary>
    public bool IsGelu { get; } = name == "gelu";

    /// <summary>f(x Wᵀ + b): [.., K] → [.., N].</summary>
    public Tensor Of(Tensor x, Linear dense)
    {
        using var scope = NewDisposeScope();
        return function(dense.call(x)).MoveToOuterDisposeScope();
    }

    /// <summary>The same where nothing is learnt, a GELU within the step (<see cref="FusedReading.LinearGelu"/>): [.., K] → [.., N].</summary>
    /// <param name="x">[.., K]</param>
    /// <param name="dense">[N, K] and a bias.</param>
    /// <param name="fastGelu">Whether a GELU by erf takes its tanh form.</param>
    public Tensor ReadFused(Tensor x, Linear dense, bool fastGelu) =>
        IsFused(dense) ? FusedReading.LinearGelu(x, dense.weight!, dense.bias!, isTanhGelu || fastGelu) : Of(x, dense);

    // The same while it learns, bias and GELU one step: [.., K] → [.., N].
    internal Tensor LearnFused(Tensor x, Linear dense)
    {
        using var scope = NewDisposeScope();
        return (IsFused(dense) ? FusedTraining.BiasGelu(nn.functional.linear(x, dense.weight!), dense.bias!, isTanhGelu) : Of(x, dense)).MoveToOuterDisposeScope();
    }

    // What the kernels take.
    private bool IsFused(Linear dense) => (IsGelu || isTanhGelu) && dense.weight!.shape[0] % 8 == 0;
}
