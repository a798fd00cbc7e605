using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>Modes, graphs and where gradients go.</summary>
public sealed class AutogradTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor x = tensor(new[] { 1.0, 2.0 }, requires_grad: true);

    public void Dispose() => scope.Dispose();

    private static void Is(Tensor? t, params double[] values) => Assert.Equal(values, t!.data<double>().ToArray());

    [Fact]
    public void Gradients_add_up_until_they_are_dropped()
    {
        (x * x).sum().backward();
        Is(x.grad, 2, 4);
        (x * 3).sum().backward();
        Is(x.grad, 5, 7);
        x.grad = null;
        Assert.Null(x.grad);
        x.grad = tensor(new[] { 1.0, 1.0 });
        (x * 3).sum().backward();
        Is(x.grad, 4, 4);
        Assert.Throws<TorchException>(() => x.grad = ones(3, dtype: float64));
    }

    [Fact]
    public void A_backward_may_start_anywhere_and_stop_where_told()
    {
        var y = x * x;
        y.backward([tensor(new[] { 10.0, 1.0 })]);
        Is(x.grad, 20, 4);
        var w = tensor(3.0, requires_grad: true);
        (x * w).sum().backward(inputs: [w]);
        Is(x.grad, 20, 4);
        Is(w.grad, 3);
        autograd.backward([x * 1, x * 2], [ones(2, dtype: float64), ones(2, dtype: float64)]);
        Is(x.grad, 23, 7);
        Assert.Throws<ArgumentException>(() => autograd.backward([x * 1], []));
        Assert.Throws<TorchException>(() => (x * 1).backward());
    }

    [Fact]
    public void A_graph_is_freed_by_its_backward_unless_retained()
    {
        var y = x.exp().sum();
        y.backward(retain_graph: true);
        y.backward();
        Is(x.grad, 2 * Math.E, 2 * Math.Exp(2));
        Assert.Contains("second time", Assert.Throws<TorchException>(() => y.backward()).Message);
    }

    [Fact]
    public void Grad_answers_and_leaves_the_leaves_alone()
    {
        var unused = tensor(1.0, requires_grad: true);
        Is(autograd.grad([(x * x).sum()], [x])[0], 2, 4);
        Assert.Null(x.grad);
        Assert.Throws<TorchException>(() => autograd.grad([x.sum()], [x, unused]));
        var both = autograd.grad([x.sum()], [x, unused], allow_unused: true);
        Is(both[0], 1, 1);
        Assert.Null(both[1]);
        Is(autograd.grad([x * x], [x], [tensor(new[] { 1.0, 0.0 })])[0], 2, 0);
        Assert.Throws<ArgumentException>(() => autograd.grad([x * x], [x], []));
    }

    // d²/dx² eˣ = eˣ; the first gradient must keep the graph it is part of.
    [Fact]
    public void A_gradient_has_a_gradient_where_a_graph_was_asked_for()
    {
        var first = autograd.grad([x.exp().sum()], [x], create_graph: true)[0];
        Assert.True(first.requires_grad);
        Is(autograd.grad([first.sum()], [x])[0], Math.E, Math.Exp(2));
        Assert.False(autograd.grad([x.exp().sum()], [x])[0].requires_grad);
    }

    [Fact]
    public void Detach_cuts_the_graph_and_shares_the_memory()
    {
        var y = x * 2;
        var cut = y.detach();
        Assert.False(cut.requires_grad);
        cut[0] = 7.0;
        Assert.Equal(7, y[0].item<double>());
        (cut * x).sum().backward();
        Is(x.grad, 7, 4);
        _ = y.detach_();
        Assert.True(y.is_leaf);
        Assert.Throws<TorchException>(() => y.sum().backward());
    }

    [Fact]
    public void Only_leaves_keep_gradients_unless_asked()
    {
        var y = x * 2;
        Assert.False(y.is_leaf);
        y.sum().backward();
        Assert.Null(y.grad);
        y = (x * 2).retain_grad();
        (y * y).sum().backward();
        Is(y.grad, 4, 8);
        Assert.Throws<TorchException>(() => y.requires_grad = false);
        Assert.False(x.requires_grad_(false).requires_grad);
        Assert.True(x.with_requires_grad().requires_grad);
    }

    [Fact]
    public void Writing_to_a_leaf_or_over_a_saved_value_is_refused()
    {
        Assert.Throws<TorchException>(() => x.add_(1));
        var y = x * 1;
        var z = y.exp();
        _ = z.mul_(2);
        Assert.Contains("inplace", Assert.Throws<TorchException>(() => z.sum().backward()).Message);
        using (no_grad()) _ = x.add_(1);
        Is(x, 2, 3);
    }

    [Fact]
    public void Modes_nest_and_put_back_what_they_found()
    {
        Assert.True(is_grad_enabled());
        using (no_grad())
        {
            Assert.False((x * 2).requires_grad);
            using (enable_grad())
            {
                Assert.True((x * 2).requires_grad);
                using (set_grad_enabled(false)) Assert.False(is_grad_enabled());
                using (enable_grad(false)) Assert.False(is_grad_enabled());
                Assert.True(is_grad_enabled());
            }
            Assert.False(is_grad_enabled());
        }
        Assert.True(is_grad_enabled());
        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
            Assert.False(is_grad_enabled());
            using (inference_mode(false)) Assert.True(!is_inference_mode_enabled() && (x * 2).requires_grad);
            Assert.True(is_inference_mode_enabled());
        }
        Assert.False(is_inference_mode_enabled());
        Assert.True(is_grad_enabled());
    }

    [Fact]
    public void Modes_are_put_back_after_an_exception_too()
    {
        foreach (var mode in new Func<IDisposable>[] { no_grad, () => inference_mode(), () => enable_grad(false) })
        {
            Assert.Throws<TorchException>(() =>
            {
                using var inside = mode();
                _ = ones(2).view(3);
            });
            Assert.True(is_grad_enabled());
            Assert.False(is_inference_mode_enabled());
        }
    }

    [Fact]
    public void A_mode_ends_once()
    {
        var mode = no_grad();
        mode.Dispose();
        using (no_grad())
        {
            mode.Dispose();
            Assert.False(is_grad_enabled());
        }
    }

    [Fact]
    public void A_mode_is_of_its_thread()
    {
        using var mode = no_grad();
        var elsewhere = false;
        var thread = new Thread(() => elsewhere = is_grad_enabled());
        thread.Start();
        thread.Join();
        Assert.True(elsewhere);
    }

    [Fact]
    public void What_inference_makes_cannot_be_trained_with()
    {
        Tensor y;
        using (inference_mode()) y = x * 2;
        Assert.False(y.requires_grad);
        Assert.Throws<TorchException>(() => (x * y).sum().backward());
    }
}
