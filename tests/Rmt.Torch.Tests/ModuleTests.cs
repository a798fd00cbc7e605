using Rmt.Testing;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

public sealed class ModuleTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    private abstract class Ancestor(string name) : nn.Module<Tensor, Tensor>(name)
    {
        private readonly Linear inherited = nn.Linear(2, 2);

        protected Tensor Inherited(Tensor x) => inherited.call(x);
    }

    // Every way in which a component can be held.
    private sealed class Zoo : Ancestor
    {
        private readonly Linear first = nn.Linear(2, 3);
        [ComponentName(Name = "LayerNorm")] private readonly LayerNorm norm = nn.LayerNorm(3);
        private readonly ModuleList<Linear> layer = nn.ModuleList(nn.Linear(3, 3), nn.Linear(3, 3, hasBias: false));
        private readonly Sequential steps = nn.Sequential(("a", nn.Linear(3, 3)), ("b", nn.Dropout(0.5)));
        private readonly Tensor positions = arange(4);
        private readonly Parameter shared = nn.Parameter(ones(3));
        private readonly Parameter tied;
        private readonly List<Linear> unseen = [nn.Linear(1, 1)];
        private readonly Linear? absent;

        public Zoo() : base(nameof(Zoo))
        {
            tied = shared;
            absent = null;
            RegisterComponents();
            register_buffer("scratch", zeros(2), persistent: false);
        }

        public Linear Auto { get; } = nn.Linear(3, 1);

        [ComponentName(Name = "renamed")] public Parameter Named { get; } = nn.Parameter(zeros(1));

        public Parameter Tied => tied;

        public Linear First => first;

        public override Tensor forward(Tensor input)
        {
            using var inner = NewDisposeScope();
            var x = norm.call(first.call(Inherited(input)));
            foreach (var linear in layer) x = linear.call(x);
            return (Auto.call(steps.call(x) * shared * tied) + Named + positions[0] + unseen.Count - (absent is null ? 1 : 0)).MoveToOuterDisposeScope();
        }
    }

    [Fact]
    public void Components_are_registered_under_the_names_of_their_fields()
    {
        using var zoo = new Zoo();
        string[] expected =
        [
            "inherited.weight", "inherited.bias", "first.weight", "first.bias", "LayerNorm.weight", "LayerNorm.bias", "layer.0.weight",
            "layer.0.bias", "layer.1.weight", "steps.a.weight", "steps.a.bias", "shared", "Auto.weight", "Auto.bias", "renamed",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), zoo.named_parameters().Select(entry => entry.name).Order(StringComparer.Ordinal));
        Assert.Equal(["positions", "scratch"], zoo.named_buffers().Select(entry => entry.name));
        Assert.Equal(expected.Append("positions").Order(StringComparer.Ordinal), zoo.state_dict().Keys.Order(StringComparer.Ordinal));
        Assert.All(zoo.state_dict(prefix: "top").Keys, key => Assert.StartsWith("top.", key, StringComparison.Ordinal));
        Assert.Equal(["inherited", "first", "LayerNorm", "layer", "steps", "Auto"], zoo.named_children().Select(entry => entry.name).OrderBy(name => Array.FindIndex(expected, e => e.StartsWith(name, StringComparison.Ordinal))));
        Assert.Contains("steps.b", zoo.named_modules().Select(entry => entry.name));
        Assert.True(zoo.has_parameter("layer.1.weight"));
        Assert.Null(zoo.get_parameter("layer.1.bias"));
        Assert.Equal([4], zoo.get_buffer("positions")!.shape);
        Assert.Equal(["shared", "renamed"], zoo.named_parameters(recurse: false).Select(entry => entry.name).OrderDescending(StringComparer.Ordinal));
    }

    [Fact]
    public void A_parameter_held_twice_is_listed_and_learned_once()
    {
        using var zoo = new Zoo();
        Assert.Single(zoo.parameters(), parameter => ReferenceEquals(parameter, zoo.Tied));
        using var embedding = nn.Embedding(5, 3);
        using var head = nn.Linear(embedding.weight);
        using var both = nn.ModuleList<nn.Module>(embedding, head);
        Assert.Equal(["0.weight"], both.named_parameters().Select(entry => entry.name));
    }

    private sealed class Twice : nn.Module
    {
        public Twice() : base(nameof(Twice))
        {
            register_module("a", nn.Identity());
            Assert.Throws<ArgumentException>(() => register_module("a", nn.Identity()));
            Assert.Throws<ArgumentException>(() => register_buffer("a", zeros(1)));
            Assert.Throws<ArgumentException>(() => register_module("a.b", nn.Identity()));
            Assert.Throws<ArgumentException>(() => register_module("", nn.Identity()));
        }
    }

    [Fact]
    public void A_name_stands_for_one_component_and_has_no_dot()
    {
        using var module = new Twice();
        Assert.Single(module.children());
    }

    [Fact]
    public void A_saved_state_gives_another_module_the_same_answers()
    {
        using var one = new Zoo();
        using var two = new Zoo();
        one.eval();
        two.eval();
        var x = rand(4, 2);
        Assert.False(one.call(x).IsSame(two.call(x)));
        var (missing, unexpected) = two.load_state_dict(one.state_dict());
        Assert.Empty(missing);
        Assert.Empty(unexpected);
        Assert.True(one.call(x).IsSame(two.call(x)));
        Assert.NotSame(one.First.weight, two.First.weight);
        _ = one.First.weight.detach().fill_(0);
        Assert.False(one.call(x).IsSame(two.call(x)));       // copied, not shared
    }

    [Fact]
    public void A_state_of_another_shape_is_refused_whole()
    {
        using var zoo = new Zoo();
        var state = zoo.state_dict().ToDictionary(entry => entry.Key, entry => zeros_like(entry.Value));
        state["renamed"] = zeros(1, 1);                     // copy_ would broadcast this one in silence
        var before = zoo.First.weight.clone();
        var error = Assert.Throws<ArgumentException>(() => zoo.load_state_dict(state));
        Assert.Contains("renamed is [1, 1], expected [1]", error.Message);
        Assert.True(before.IsSame(zoo.First.weight));
        state["renamed"] = zeros(1);
        _ = state.Remove("first.weight");
        state["nobody"] = zeros(1);
        error = Assert.Throws<ArgumentException>(() => zoo.load_state_dict(state));
        Assert.Contains("missing first.weight; unexpected nobody", error.Message);
        Assert.NotEqual(0, zoo.First.bias!.abs().sum().ToSingle());
        var (missing, unexpected) = zoo.load_state_dict(state, strict: false);
        Assert.Equal(("first.weight", "nobody"), (Assert.Single(missing), Assert.Single(unexpected)));
        Assert.True(before.IsSame(zoo.First.weight));
        Assert.Equal(0, zoo.First.bias!.abs().sum().ToSingle());
        _ = zoo.load_state_dict(state, skip: ["first.weight", "nobody"]);
    }

    [Fact]
    public void Training_and_evaluation_reach_every_module()
    {
        using var zoo = new Zoo();
        Assert.All(zoo.modules(), module => Assert.True(module.training));
        zoo.eval();
        Assert.False(zoo.training);
        Assert.All(zoo.modules(), module => Assert.False(module.training));
        zoo.train();
        Assert.All(zoo.modules(), module => Assert.True(module.training));
        var seen = new List<nn.Module>();
        _ = zoo.apply(seen.Add);
        Assert.Equal(zoo.modules().Count() + 1, seen.Count);
        Assert.Same(zoo, seen[^1]);
    }

    [Fact]
    public void A_cast_keeps_the_parameters_the_ties_and_the_gradients()
    {
        using var zoo = new Zoo();
        var before = zoo.named_parameters().ToList();
        zoo.call(rand(4, 2)).sum().backward();
        Assert.Same(zoo, zoo.to(float64));
        Assert.Equal(before, zoo.named_parameters());
        Assert.All(before, entry => Assert.Equal((float64, float64, true, true), (entry.parameter.dtype, entry.parameter.grad!.dtype, entry.parameter.requires_grad, entry.parameter.is_leaf)));
        Assert.Equal(int64, zoo.get_buffer("positions")!.dtype);        // whole numbers stay whole
        Assert.Equal(float64, zoo.get_buffer("scratch")!.dtype);
        zoo.zero_grad();
        Assert.All(before, entry => Assert.Null(entry.parameter.grad));
        zoo.call(rand([4, 2], float64)).sum().backward();
        Assert.All(before, entry => Assert.Equal(float64, entry.parameter.grad!.dtype));
        zoo.zero_grad(set_to_none: false);
        Assert.All(before, entry => Assert.Equal(0, entry.parameter.grad!.abs().sum().ToDouble()));
        Assert.Equal(bfloat16, zoo.bfloat16().First.weight.dtype);
        Assert.Equal(float32, zoo.@float().cpu().to("cpu").First.weight.dtype);
    }

    [Fact]
    public void A_gradient_fits_its_tensor_or_is_refused()
    {
        var parameter = nn.Parameter(zeros(2));
        parameter.grad = ones(2);
        Assert.Throws<TorchException>(() => parameter.grad = ones(3));
        Assert.Throws<TorchException>(() => parameter.grad = ones(2, dtype: float64));
        Assert.Equal(2, parameter.grad!.sum().ToSingle());
        parameter.grad = null;
        Assert.Null(parameter.grad);
        parameter.Dispose();
    }

    [Fact]
    public void Disposing_a_module_frees_all_it_holds() => Leaks.None(() =>
    {
        var zoo = new ZooWithoutStrays();
        using (NewDisposeScope()) zoo.call(ones(1, 2)).sum().backward();
        _ = zoo.to(float64);
        zoo.Dispose();
        Assert.Throws<ObjectDisposedException>(() => zoo.parameters().First().shape);
        zoo.Dispose();
    });

    private sealed class ZooWithoutStrays : nn.Module<Tensor, Tensor>
    {
        private readonly Sequential steps = nn.Sequential(nn.Linear(2, 2), nn.LayerNorm([2]), nn.GELU(), nn.Tanh(), nn.ReLU(), nn.Identity());
        private readonly Tensor buffer = ones(1);

        public ZooWithoutStrays() : base(nameof(ZooWithoutStrays)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            using var inner = NewDisposeScope();
            return (steps.call(input) * buffer).MoveToOuterDisposeScope();
        }
    }

    [Fact]
    public void A_model_built_inside_a_scope_outlives_it()
    {
        Parameter alone;
        Zoo zoo;
        Embedding table;
        using (NewDisposeScope())
        {
            alone = nn.Parameter(ones(2));
            zoo = new Zoo();
            table = nn.Embedding(3, 2, padding_idx: 1);
        }
        Assert.Equal(2, alone.sum().ToSingle());
        Assert.Equal(15, zoo.parameters().Count());
        Assert.Equal([4, 1], zoo.call(rand(4, 2)).shape);
        Assert.Equal(0, table.weight[1].abs().sum().ToSingle());
        alone.Dispose();
        zoo.Dispose();
        table.Dispose();
    }

    [Fact]
    public void A_parameter_takes_over_the_memory_of_its_tensor()
    {
        var data = ones(2);
        using var parameter = nn.Parameter(data);
        Assert.True(data.IsInvalid);
        Assert.True(parameter is { requires_grad: true, is_leaf: true });
        using var frozen = nn.Parameter(parameter, requires_grad: false);
        Assert.False(parameter.IsInvalid);
        Assert.False(frozen.requires_grad);
    }

    [Fact]
    public void Relu_in_place_is_in_place()
    {
        var x = tensor(new[] { -1f, 2 });
        Assert.Same(x, nn.ReLU(inplace: true).call(x));
        Assert.Equal([0f, 2], x.data<float>().ToArray());
    }

    [Fact]
    public void A_list_of_modules_only_grows()
    {
        using var list = nn.ModuleList(nn.Identity());
        list.Add(nn.Identity());
        Assert.Equal(["0", "1"], list.named_children().Select(entry => entry.name));
        Assert.Throws<NotSupportedException>(() => list.RemoveAt(0));
        Assert.Throws<NotSupportedException>(() => list[0] = nn.Identity());
        Assert.Throws<ArgumentOutOfRangeException>(() => nn.Dropout(1.5));
    }
}
