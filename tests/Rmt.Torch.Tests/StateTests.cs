using Rmt.Testing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Rmt.Torch.Tests;

/// <summary>State in and out of modules, and modules from type to type.</summary>
public sealed class StateTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    private static Dictionary<string, Tensor> Given(params (string Name, Tensor Value)[] entries) => entries.ToDictionary(entry => entry.Name, entry => entry.Value);

    [Fact]
    public void State_goes_from_one_module_to_another()
    {
        using var from = Linear(3, 2);
        using var to = Linear(3, 2);
        var (missing, unexpected) = to.load_state_dict(from.state_dict());
        Assert.Empty(missing);
        Assert.Empty(unexpected);
        Assert.True(Same.IsSame(from.weight, to.weight));
        Assert.True(Same.IsSame(from.bias!, to.bias!));
        using (no_grad()) _ = from.weight.zero_();
        Assert.False(Same.IsSame(from.weight, to.weight));
        Assert.True(to.weight is { requires_grad: true, is_leaf: true });
    }

    [Fact]
    public void State_is_the_tensors_themselves_and_values_are_converted_when_loaded()
    {
        using var linear = Linear(1, 1);
        Assert.Same(linear.weight, linear.state_dict()["weight"]);
        _ = linear.load_state_dict(Given(("weight", full([1, 1], 1.5, dtype: float64)), ("bias", full([1], 2, dtype: bfloat16))));
        Assert.Equal((1.5f, 2f, float32), (linear.weight.item<float>(), linear.bias!.item<float>(), linear.weight.dtype));
    }

    // copy_ would broadcast [1, 4] to [3, 4] without a word.
    [Theory]
    [InlineData(1, 4)]
    [InlineData(4, 3)]
    [InlineData(12, 1)]
    public void Another_shape_is_refused_and_nothing_is_copied(long rows, long columns)
    {
        using var linear = Linear(4, 3);
        var (weight, bias) = (linear.weight.clone(), linear.bias!.clone());
        var error = Assert.Throws<ArgumentException>(() => linear.load_state_dict(Given(("bias", zeros(3)), ("weight", ones(rows, columns)))));
        Assert.Contains($"weight is [{rows}, {columns}], expected [3, 4]", error.Message);
        Assert.True(Same.IsSame(weight, linear.weight) && Same.IsSame(bias, linear.bias!));
    }

    [Fact]
    public void Strict_means_every_name_and_no_other()
    {
        using var linear = Linear(1, 1);
        var before = linear.weight.clone();
        var error = Assert.Throws<ArgumentException>(() => linear.load_state_dict(Given(("weight", ones(1, 1)), ("wieght", ones(1)))));
        Assert.Contains("missing bias; unexpected wieght", error.Message);
        Assert.True(Same.IsSame(before, linear.weight));
        var (missing, unexpected) = linear.load_state_dict(Given(("weight", ones(1, 1)), ("wieght", ones(1))), strict: false);
        Assert.Equal(["bias"], missing);
        Assert.Equal(["wieght"], unexpected);
        Assert.Equal(1, linear.weight.item<float>());
        (missing, unexpected) = linear.load_state_dict(Given(("weight", zeros(1, 1)), ("other", ones(1))), skip: ["weight", "bias", "other"]);
        Assert.Empty(missing.Concat(unexpected));
        Assert.Equal(1, linear.weight.item<float>());
    }

    [Fact]
    public void Loading_leaves_no_tensor_behind()
    {
        using var linear = Linear(2, 2);
        using var other = Linear(2, 2);
        Leaks.None(() => linear.load_state_dict(other.state_dict()));
        Leaks.None(() => Assert.Throws<ArgumentException>(() => linear.load_state_dict([])));
    }

    private sealed class Model : Module<Tensor, Tensor>
    {
        internal readonly Embedding table = Embedding(4, 3);
        internal readonly Linear head;
        internal readonly Tensor numbers = arange(4);

        internal Model() : base("model")
        {
            head = Linear(table.weight);
            RegisterComponents();
            register_buffer("scale", ones(1));
        }

        public override Tensor forward(Tensor input) => head.call(table.call(input)) * get_buffer("scale")!;
    }

    [Fact]
    public void A_module_moves_in_place_with_its_ties_and_gradients()
    {
        using var model = new Model();
        var ids = tensor(new long[] { 1, 2 });
        model.call(ids).sum().backward();
        var (weight, gradient) = (model.table.weight, model.table.weight.grad!.clone());
        Assert.Same(model, model.to(float64));
        Assert.Same(weight, model.table.weight);
        Assert.Same(weight, model.head.weight);
        Assert.Equal((float64, float64, float64, int64), (weight.dtype, weight.grad!.dtype, model.get_buffer("scale")!.dtype, model.numbers.dtype));
        Assert.True(allclose(gradient.to(float64), weight.grad!));
        Assert.True(weight is { requires_grad: true, is_leaf: true });
        model.call(ids).sum().backward();
        Assert.True(allclose(gradient.to(float64) * 2, weight.grad!));
        Assert.All([model.bfloat16(), model.half(), model.@float()], moved => Assert.Same(model, moved));
        Assert.Equal(float32, model.call(ids).dtype);
    }

    [Fact]
    public void Moving_leaves_no_tensor_behind_and_frees_the_old_memory()
    {
        using var model = new Model();
        Leaks.None(() => model.to(float64));
        Leaks.None(() => model.to(float64).to(CPU).cpu().to("cpu").to(DeviceType.CPU).to(CPU, float64));
        Leaks.None(() => model.to(model.head.weight));
    }

    [Fact]
    public void Parameters_of_whole_numbers_are_refused_before_anything_moves()
    {
        using var model = new Model();
        Assert.Throws<ArgumentException>(() => model.to(int64));
        Assert.All(model.parameters(), parameter => Assert.Equal(float32, parameter.dtype));
    }

    [Fact]
    public void Zero_grad_drops_gradients_or_zeroes_them()
    {
        using var linear = Linear(2, 1);
        linear.call(ones(1, 2)).sum().backward();
        linear.zero_grad(set_to_none: false);
        Assert.Equal([0f, 0f], linear.weight.grad!.data<float>().ToArray());
        linear.zero_grad();
        Assert.Null(linear.weight.grad);
    }
}
