using TorchSharp.Interop;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules;

/// <summary>Settings of a group; what is null is the optimizer's own.</summary>
public class OptimizerOptions
{
    public double? LearningRate { get; set; }

    public double? InitialLearningRate { get; set; }
}

/// <summary>Parameters with settings of their own.</summary>
public class ParamGroup<TOptions> : ILearningRateController where TOptions : OptimizerOptions
{
    public ParamGroup() { }

    public ParamGroup(IEnumerable<Parameter> parameters, TOptions? options = null) => (Parameters, Options) = (parameters, options!);

    public IEnumerable<Parameter> Parameters { get; set; } = [];

    public TOptions Options { get; set; } = null!;

    public double LearningRate { get => Options.LearningRate!.Value; set => Options.LearningRate = value; }

    public double InitialLearningRate { get => Options.InitialLearningRate!.Value; set => Options.InitialLearningRate = value; }
}

/// <summary>Groups of parameters, and a state for each.</summary>
/// <typeparam name="TOptions">Settings of a group.</typeparam>
/// <typeparam name="TState">What is kept for a parameter from step to step.</typeparam>
public abstract class GroupedOptimizer<TOptions, TState> : Optimizer where TOptions : OptimizerOptions, new() where TState : IDisposable, new()
{
    private readonly List<ParamGroup<TOptions>> groups = [];
    private readonly Dictionary<Parameter, TState> states = new(ReferenceEqualityComparer.Instance);

    private protected GroupedOptimizer(IEnumerable<ParamGroup<TOptions>> groups, TOptions defaults)
    {
        Defaults = defaults;
        foreach (var group in groups) add_param_group(group);
        if (states.Count == 0) throw new ArgumentException("an optimizer needs parameters", nameof(groups));
    }

    private protected TOptions Defaults { get; }

    private protected abstract void Complete(TOptions options);

    public override IEnumerable<ILearningRateController> ParamGroups => groups;

    public override IEnumerable<Parameter> parameters() => groups.SelectMany(group => group.Parameters);

    /// <summary>Adds parameters with settings of their own.</summary>
    /// <exception cref="ArgumentException">A parameter is here already.</exception>
    public void add_param_group(ParamGroup<TOptions> group)
    {
        group.Parameters = [.. group.Parameters];
        group.Options ??= new TOptions();
        group.Options.LearningRate ??= Defaults.LearningRate;
        group.Options.InitialLearningRate ??= group.Options.LearningRate;
        if (group.Options.LearningRate is not >= 0) throw new ArgumentOutOfRangeException(nameof(group), group.Options.LearningRate, "a learning rate is not negative");
        Complete(group.Options);
        foreach (var parameter in group.Parameters)
        {
            if (!states.TryAdd(parameter, new TState()))
                throw new ArgumentException($"a parameter of shape [{string.Join(", ", parameter.shape)}] is in the optimizer twice", nameof(group));
        }
        groups.Add(group);
    }

    private protected IEnumerable<(Parameter Parameter, TOptions Options, TState State)> Entries() =>
        groups.SelectMany(group => group.Parameters.Select(parameter => (parameter, group.Options, states[parameter])));

    protected override void Dispose(bool disposing)
    {
        foreach (var state in states.Values) state.Dispose();
    }
}
