using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What an optimizer keeps for a parameter from step to step.</summary>
public abstract class OptimizerState
{
    private protected Parameter _parameter { get; }

    protected OptimizerState(Parameter parameter) => _parameter = parameter;

    public abstract void SaveStateDict(BinaryWriter writer);

    /// <exception cref="ArgumentException">The state of a parameter of another shape.</exception>
    public abstract void LoadStateDict(BinaryReader reader);

    /// <summary>Takes copies of another state's tensors, on the parameter's device.</summary>
    /// <exception cref="ArgumentException">The state of another kind of optimizer, or of a parameter of another shape.</exception>
    public abstract void LoadStateDict(OptimizerState source);

    /// <summary>Whether two states agree up to rounding.</summary>
    public virtual bool ApproximatelyEquals(OptimizerState other) => false;

    /// <summary>Back to what it was before the first step.</summary>
    public abstract void Initialize(OptimizerOptions options);

    public virtual void to(Device device) { }

    private protected static T Fitting<T>(OptimizerState source) where T : OptimizerState =>
        source as T ?? throw new ArgumentException($"expected a state of {typeof(T).DeclaringType!.Name}, given is one of {source.GetType().DeclaringType?.Name}", nameof(source));

    // A copy of another shape would broadcast.
    private protected void Check(Tensor? tensor)
    {
        if (tensor is not null && !tensor.shape.SequenceEqual(_parameter.shape))
            throw new ArgumentException($"a state of shape [{string.Join(", ", tensor.shape)}] for a parameter of shape [{string.Join(", ", _parameter.shape)}]");
    }

    private protected Tensor Read(BinaryReader reader, string name)
    {
        using var scope = NewDisposeScope();
        var tensor = TensorFormat.Read(reader, name);
        Check(tensor);
        return tensor.to(_parameter.device).DetachFromDisposeScope();
    }

    private protected Tensor? Copy(Tensor? tensor) => tensor?.to(_parameter.device, copy: true).DetachFromDisposeScope();

    // The new value in a slot; what stood there is freed.
    private protected static void Put(ref Tensor? slot, Tensor? value)
    {
        if (ReferenceEquals(slot, value)) return;
        slot?.Dispose();
        slot = value;
    }

    private protected static bool Near(Tensor? a, Tensor? b) => (a is null && b is null) || (a is not null && b is not null && a.allclose(b));
}
