using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules;

/// <summary>Groups of parameters, and a state for each.</summary>
/// <typeparam name="TOptions">Settings of a group.</typeparam>
/// <typeparam name="TState">What is kept for a parameter from step to step.</typeparam>
public abstract class GroupedOptimizer<TOptions, TState> : OptimizerHelper where TOptions : OptimizerOptions, new() where TState : OptimizerState, IDisposable
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

    private protected override IEnumerable<ParamGroup> Groups => groups;

    private protected override OptimizerState StateOf(Parameter parameter) => states[parameter];

    private protected override TState NewState(int i) => New(parameters().ElementAt(i));

    private protected override TOptions NewOptions() => new();

    private protected abstract TState New(Parameter parameter);

    private protected abstract ParamGroup<TOptions> NewGroup();

    /// <summary>Adds parameters with settings of their own.</summary>
    /// <exception cref="ArgumentException">A parameter is here already, or the settings are another optimizer's.</exception>
    public override void add_param_group(ParamGroup param_group)
    {
        if (param_group.Options is not (null or TOptions))
            throw new ArgumentException($"the settings are of {param_group.Options.GetType()}, expected {typeof(TOptions)}", nameof(param_group));
        var group = param_group as ParamGroup<TOptions> ?? NewGroup();
        if (group != param_group) (group.Parameters, group.Options) = (param_group.Parameters, (TOptions)param_group.Options!);
        group.Parameters = [.. group.Parameters];
        group.Options ??= new TOptions();
        group.Options.LearningRate ??= Defaults.LearningRate;
        group.Options.InitialLearningRate = group.Options.LearningRate ?? 0;
        Check(group.Options);
        foreach (var parameter in group.Parameters)
        {
            if (!states.TryAdd(parameter, New(parameter)))
                throw new ArgumentException($"a parameter of shape [{string.Join(", ", parameter.shape)}] is in the optimizer twice", nameof(param_group));
        }
        groups.Add(group);
    }

    private void Check(TOptions options)
    {
        if (options.LearningRate is not >= 0) throw new ArgumentOutOfRangeException(nameof(options), options.LearningRate, "a learning rate is not negative");
        Complete(options);
    }

    private protected override void Exchange(OptimizerState?[] fresh, IReadOnlyList<OptimizerOptions> options)
    {
        foreach (var given in options)
            Check(given as TOptions ?? throw new ArgumentException($"the settings are of {given.GetType()}, expected {typeof(TOptions)}", nameof(options)));
        for (var i = 0; i < options.Count; i++)
            if (!ReferenceEquals(groups[i].Options, options[i])) groups[i].Options.LoadStateDict(options[i]);
        var at = 0;
        foreach (var parameter in parameters())
        {
            if (fresh[at] is TState state) (states[parameter], fresh[at]) = (state, states[parameter]);
            at++;
        }
    }

    private protected IEnumerable<(Parameter Parameter, TOptions Options, TState State)> Entries() =>
        groups.SelectMany(group => group.Parameters.Select(parameter => (parameter, group.Options, states[parameter])));

    protected override void Dispose(bool disposing)
    {
        foreach (var state in states.Values) state.Dispose();
    }
}
