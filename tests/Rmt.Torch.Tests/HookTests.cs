using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Rmt.Torch.Tests;

/// <summary>Functions that run before and after a module's forward.</summary>
public sealed class HookTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    private sealed class Sum : Module<Tensor, Tensor, Tensor>
    {
        public Sum() : base(nameof(Sum)) => RegisterComponents();

        public override Tensor forward(Tensor input1, Tensor input2) => input1 + input2;
    }

    [Fact]
    public void Hooks_see_inputs_and_result_in_the_order_they_were_registered()
    {
        var seen = new List<string>();
        using var identity = Identity();
        _ = identity.register_forward_pre_hook((module, input) => { seen.Add($"before {input.item<float>()}"); return null; });
        _ = identity.register_forward_pre_hook((module, input) => { seen.Add("second"); return input * 2; });
        _ = identity.register_forward_hook((module, input, result) => { seen.Add($"after {input.item<float>()} {ReferenceEquals(module, identity)}"); return result + 1; });
        Assert.Equal(7, identity.call(tensor(3f)).item<float>());
        Assert.Equal(["before 3", "second", "after 6 True"], seen);
        Assert.Equal(3, identity.forward(tensor(3f)).item<float>());
        Assert.Equal(3, seen.Count);
    }

    [Fact]
    public void Several_inputs_are_replaced_together()
    {
        using var sum = new Sum();
        _ = sum.register_forward_pre_hook((module, a, b) => (a * 10, b));
        _ = sum.register_forward_hook((module, a, b, result) => result + b);
        Assert.Equal(14, sum.call(tensor(1f), tensor(2f)).item<float>());
    }

    [Fact]
    public void A_removed_hook_is_gone_even_if_it_removes_itself()
    {
        using var linear = Linear(2, 2);
        var calls = 0;
        Action remove = () => { };
        remove = linear.register_forward_hook((module, input, result) => { calls++; remove(); return result; }).remove;
        var other = linear.register_forward_pre_hook((module, input) => { calls += 10; return input; });
        _ = linear.call(ones(1, 2));
        _ = linear.call(ones(1, 2));
        Assert.Equal(21, calls);
        other.remove();
        other.remove();
        _ = linear.call(ones(1, 2));
        Assert.Equal(21, calls);
    }
}
