using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>A copy of parameters, to go back to.</summary>
internal sealed class KeptWeights : IDisposable
{
    private readonly IReadOnlyList<Parameter> parameters;

    public KeptWeights(IReadOnlyList<Parameter> parameters)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        this.parameters = parameters;
        Values = [.. parameters.Select(parameter => parameter.detach().clone().DetachFromDisposeScope())];
    }

    /// <summary>In the order of the parameters.</summary>
    public IReadOnlyList<Tensor> Values { get; }

    /// <summary>Makes them what the parameters are now.</summary>
    public void Keep() => Copy((parameter, value) => value.copy_(parameter));

    /// <summary>Makes the parameters what they were.</summary>
    public void Restore() => Copy((parameter, value) => parameter.copy_(value));

    private void Copy(Func<Parameter, Tensor, Tensor> copy)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        foreach (var (parameter, value) in parameters.Zip(Values)) copy(parameter, value);
    }

    public void Dispose()
    {
        foreach (var value in Values) value.Dispose();
    }
}
