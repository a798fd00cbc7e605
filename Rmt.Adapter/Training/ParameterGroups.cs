using TorchSharp;
using TorchSharp.Modules;

namespace Rmt.Adapter;

/// <summary>The parameters that are trained, each with its rate and decay.</summary>
internal static class ParameterGroups
{
    private const string Adapter = "adapter.", Backbone = "adapter.backbone.";

    /// <summary>Those of the model that require a gradient, in its order.</summary>
    public static IReadOnlyList<(string Name, Parameter Parameter)> Trained(RecurrentModel model) =>
        [.. model.named_parameters().Where(entry => entry.parameter.requires_grad)];

    /// <summary>The backbone's, from first to last.</summary>
    public static IEnumerable<Parameter> OfBackbone(RecurrentModel model) =>
        model.named_parameters().Where(entry => entry.name.StartsWith(Backbone, StringComparison.Ordinal)).Select(entry => entry.parameter);

    /// <summary>Groups of one rate and one decay. Biases and norms, which have one dimension, do not decay.</summary>
    public static AdamW Optimizer(IEnumerable<(string Name, Parameter Parameter)> trained, TrainingOptions options)
    {
        var groups = trained
            .GroupBy(entry => (Rate: Rate(entry.Name, options), Decay: entry.Parameter.ndim > 1 ? options.WeightDecay : 0))
            .Select(group => new AdamW.ParamGroup([.. group.Select(entry => entry.Parameter)],
                lr: group.Key.Rate, beta1: options.Beta1, beta2: options.Beta2, eps: options.Epsilon, weight_decay: group.Key.Decay));
        return torch.optim.AdamW([.. groups], lr: options.HeadRate, beta1: options.Beta1, beta2: options.Beta2, eps: options.Epsilon);
    }

    private static double Rate(string name, TrainingOptions options) =>
        name.StartsWith(Backbone, StringComparison.Ordinal) ? options.BackboneRate
        : name.StartsWith(Adapter, StringComparison.Ordinal) ? options.MemoryRate
        : options.HeadRate;
}
