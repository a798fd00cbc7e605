using Rmt.Testing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Rmt.Torch.Tests;

/// <summary>Order and moment of what a module lists.</summary>
public sealed class RegistrationTests : IDisposable
{
    private readonly Net net = new();

    public void Dispose() => net.Dispose();

    private class Base : Module<Tensor, Tensor>
    {
        private readonly Linear first = Linear(2, 2, hasBias: false);

        internal Base() : base("net") => RegisterComponents();

        public override Tensor forward(Tensor input) => first.call(input);
    }

    private sealed class Net : Base
    {
        private readonly Parameter memory = Parameter(zeros(3));
        private readonly Tensor cache = ones(1);

        internal Net() => RegisterComponents();

        internal ModuleList<Module> Layers { get; } = ModuleList<Module>(Linear(1, 1), nn.Sequential(("a", Linear(1, 1)), ("b", GELU())));

        public override Tensor forward(Tensor input) => base.forward(input) + memory.sum() + cache;
    }

    [Fact]
    public void Own_parameters_come_before_those_of_children_and_children_in_their_order()
    {
        Assert.Equal(["memory", "first.weight", "Layers.0.weight", "Layers.0.bias", "Layers.1.a.weight", "Layers.1.a.bias"], net.named_parameters().Select(entry => entry.name));
        Assert.Equal(["first", "Layers", "Layers.0", "Layers.1", "Layers.1.a", "Layers.1.b"], net.named_modules().Select(entry => entry.name));
        Assert.Equal(["first", "Layers"], net.named_children().Select(entry => entry.name));
        Assert.Equal(net.named_modules().Select(entry => entry.module), net.modules());
        Assert.Equal(net.named_children().Select(entry => entry.module), net.children());
        Assert.Equal(net.named_parameters().Select(entry => entry.parameter), net.parameters());
        Assert.Equal(["memory"], net.named_parameters(recurse: false).Select(entry => entry.name));
        Assert.Equal("model.cache", net.state_dict(prefix: "model").Keys.Last());
    }

    [Fact]
    public void An_enumeration_is_of_the_moment_it_was_asked_for()
    {
        var (modules, children, parameters, buffers) = (net.named_modules(), net.children(), net.named_parameters(), net.named_buffers());
        net.register_module("late", Linear(1, 1));
        net.register_buffer("later", zeros(1));
        Assert.Equal((6, 2, 6, 1), (modules.Count(), children.Count(), parameters.Count(), buffers.Count()));
        foreach (var (name, _) in net.named_modules())
            if (name == "late") net.register_module("latest", Identity());
        Assert.Contains("latest", net.named_children().Select(entry => entry.name));
    }

    [Fact]
    public void A_module_held_twice_is_listed_once()
    {
        var shared = Linear(1, 1);
        using var twice = nn.Sequential(("a", shared), ("b", shared));
        Assert.Equal(["a.weight", "a.bias"], twice.named_parameters().Select(entry => entry.name));
        Assert.Equal(["a"], twice.named_modules().Select(entry => entry.name));
    }

    private sealed class Hiding : Base
    {
        private readonly Linear first = Linear(1, 1);

        internal Hiding() => RegisterComponents();

        public override Tensor forward(Tensor input) => first.call(input);
    }

    // Otherwise the second would be left out of parameters() without a word.
    [Fact]
    public void Two_fields_of_one_name_are_refused() => Assert.Contains("'first'", Assert.Throws<ArgumentException>(() => new Hiding()).Message);

    [Fact]
    public void Apply_reaches_children_before_their_parent()
    {
        var seen = new List<string>();
        Assert.Same(net, net.apply(module => seen.Add(module.GetName())));
        Assert.Equal(["Linear", "Linear", "Linear", "GELU", "Sequential", "ModuleList", "net"], seen);
    }

    private sealed class Failing : Module<Tensor, Tensor>
    {
        internal Failing() : base("failing") { }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return input.exp().mm(ones(7, 7)).MoveToOuterDisposeScope();
        }
    }

    [Fact]
    public void A_forward_that_throws_leaves_the_scopes_as_they_were()
    {
        using var sequence = nn.Sequential(Linear(2, 2), new Failing());
        using var x = ones(1, 2);
        Leaks.None(() =>
        {
            using var scope = NewDisposeScope();
            Assert.Throws<TorchException>(() => sequence.call(x));
            Assert.Same(scope, CurrentDisposeScope);
            Assert.Equal(0, scope.DisposablesCount);
        });
    }
}
