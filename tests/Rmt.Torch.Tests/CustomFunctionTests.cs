using System.Runtime.CompilerServices;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>Functions that bring their own backward.</summary>
public sealed class CustomFunctionTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor x = tensor(new[] { 1.0, 2.0, 3.0 }, requires_grad: true);

    public void Dispose() => scope.Dispose();

    private static void Is(Tensor? t, params double[] values) => Assert.Equal(values, t!.data<double>().ToArray());

    // y = a x b, with a number and an absent tensor among the arguments
    private sealed class Scaled : autograd.SingleTensorFunction<Scaled>
    {
        public override string Name => nameof(Scaled);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (a, x, b) = ((double)vars[0], (Tensor)vars[1], (Tensor)vars[2]);
            Assert.False(is_grad_enabled());
            ctx.save_for_backward([x, b]);
            ctx.save_data("a", a);
            return a * x * (b ?? ones(1, dtype: float64));
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            var (a, saved) = ((double)ctx.get_data("a"), ctx.get_saved_variables());
            return [null!, grad_output * a * (saved[1] ?? ones(1, dtype: float64)), (saved[1] is null ? null : grad_output * a * saved[0])!, null!];
        }
    }

    [Fact]
    public void Its_backward_is_the_gradient()
    {
        var b = tensor(new[] { 1.0, 0.5, 2.0 }, requires_grad: true);
        var y = Scaled.apply(10.0, x, b, "not used");
        Is(y, 10, 10, 60);
        Assert.True(y is { requires_grad: true, is_leaf: false });
        (y * y).sum().backward();           // dy = 2y
        Is(x.grad, 200, 100, 2400);
        Is(b.grad, 200, 400, 3600);
    }

    [Fact]
    public void Arguments_may_be_absent_and_gradients_unwanted()
    {
        Scaled.apply(2.0, x, null!, 0).sum().backward();
        Is(x.grad, 2, 2, 2);
        Assert.False(Scaled.apply(2.0, x.detach(), null!, 0).requires_grad);
        using (no_grad()) Assert.False(Scaled.apply(2.0, x, null!, 0).requires_grad);
    }

    private sealed class Cube : autograd.SingleTensorFunction<Cube>
    {
        public override string Name => nameof(Cube);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_for_backward([(Tensor)vars[0]]);
            return ((Tensor)vars[0]).pow(3);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output * 3 * ctx.get_saved_variables()[0].pow(2)];
    }

    // d/dx x³ = 3x², d²/dx² x³ = 6x
    [Fact]
    public void A_backward_of_differentiable_operations_has_a_gradient_too()
    {
        var first = autograd.grad([Cube.apply(x).sum()], [x], create_graph: true)[0];
        Is(first, 3, 12, 27);
        Is(autograd.grad([first.sum()], [x])[0], 6, 12, 18);
    }

    [Fact]
    public void It_runs_backward_again_where_the_graph_is_retained_and_refuses_where_not()
    {
        var y = Cube.apply(x).sum();
        y.backward(retain_graph: true);
        y.backward();
        Is(x.grad, 6, 24, 54);
        Assert.Throws<TorchException>(() => y.backward());
    }

    [Fact]
    public void A_saved_tensor_that_was_changed_is_noticed()
    {
        var input = x * 1;
        var y = Cube.apply(input).sum();
        _ = input.add_(1);
        Assert.Contains("modified by an inplace operation", Assert.Throws<TorchException>(() => y.backward()).Message);
    }

    private sealed class Failure(string where) : InvalidOperationException(where);

    private sealed class Failing : autograd.SingleTensorFunction<Failing>
    {
        public override string Name => nameof(Failing);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) =>
            (string)vars[1] == "forward" ? throw new Failure("forward") : (string)vars[1] == "nothing" ? null! : (Tensor)vars[0] * 1;

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => throw new Failure("backward");
    }

    [Fact]
    public void An_exception_of_a_callback_comes_back_as_itself()
    {
        using var y = Failing.apply(x, "");
        using var sum = y.sum();
        Leaks.None(() =>
        {
            using var inner = NewDisposeScope();
            var error = Assert.Throws<Failure>(() => Failing.apply(x, "forward"));
            Assert.Equal("forward", error.Message);
            Assert.Contains(nameof(Failing.forward), error.StackTrace);
            error = Assert.Throws<Failure>(() => sum.backward());
            Assert.Equal("backward", error.Message);
            Assert.Contains(nameof(Failing.backward), error.StackTrace);
            Assert.Same(inner, CurrentDisposeScope);
            Assert.Contains("no tensor", Assert.Throws<InvalidOperationException>(() => Failing.apply(x, "nothing")).Message);
        });
        Assert.True(is_grad_enabled());
        Assert.Throws<TorchException>(() => ones(2).view(3));       // the next error is not the last one again
    }

    private sealed class Wrong : autograd.SingleTensorFunction<Wrong>
    {
        public override string Name => nameof(Wrong);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("answer", vars[1]);
            return (Tensor)vars[0] * 1;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => ((Func<Tensor, List<Tensor>>)ctx.get_data("answer"))(grad_output);
    }

    [Fact]
    public void Gradients_that_do_not_fit_the_arguments_are_refused()
    {
        Exception? Answer(Func<Tensor, List<Tensor>> answer) => Record.Exception(() => Wrong.apply(x, answer).sum().backward());
        Assert.Contains("returned 1 gradients for 2 arguments", Answer(g => [g])!.Message);
        Assert.Contains("argument 1, which is no tensor", Answer(g => [g, g])!.Message);
        Assert.IsType<TorchException>(Answer(g => [ones(7, dtype: float64), null!]));
        Assert.Null(Answer(g => [null!, null!]));
        Assert.Null(x.grad);
    }

    private sealed class SumAndDifference : autograd.MultiTensorFunction<SumAndDifference>
    {
        internal static readonly List<bool> Seen = [];

        public override string Name => nameof(SumAndDifference);

        public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (a, b) = ((Tensor)vars[0], (Tensor)vars[1]);
            ctx.set_materialize_grads((bool)vars[2]);
            List<Tensor> results = [a + b, a - b, a.gt(b).to(float64)];
            ctx.mark_non_differentiable([results[2]]);
            return results;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
        {
            Seen.Clear();
            Seen.AddRange(grad_outputs.Select(gradient => gradient is not null));
            var (s, d) = (grad_outputs[0] ?? zeros(3, dtype: float64), grad_outputs[1] ?? zeros(3, dtype: float64));
            return [s + d, s - d, null!];
        }
    }

    [Fact]
    public void A_function_may_have_several_results()
    {
        var b = tensor(new[] { 5.0, 1.0, 1.0 }, requires_grad: true);
        var results = SumAndDifference.apply(x, b, true);
        Assert.Equal([true, true, false], results.Select(result => result.requires_grad));
        (results[0] + 2 * results[1]).sum().backward();
        Is(x.grad, 3, 3, 3);
        Is(b.grad, -1, -1, -1);
        SumAndDifference.apply(x, b, true)[1].sum().backward();
        Assert.Equal([true, true, true], SumAndDifference.Seen);
        SumAndDifference.apply(x, b, false)[1].sum().backward();
        Assert.Equal([false, true, false], SumAndDifference.Seen);
    }

    private sealed class AddOneInPlace : autograd.SingleTensorFunction<AddOneInPlace>
    {
        public override string Name => nameof(AddOneInPlace);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var x = (Tensor)vars[0];
            _ = x.add_(1);
            ctx.mark_dirty([x]);
            return x;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output * 5];
    }

    [Fact]
    public void An_input_may_be_changed_in_place()
    {
        var input = x * 1;
        var y = AddOneInPlace.apply(input);
        Is(input, 2, 3, 4);
        y.sum().backward();
        Is(x.grad, 5, 5, 5);
    }

    [Fact]
    public void Applying_and_backward_leave_nothing_behind() => Leaks.None(() =>
    {
        using var leaf = tensor(new[] { 1.0, 2.0, 3.0 }, requires_grad: true);
        for (var i = 0; i < 10; i++)
        {
            using var inner = NewDisposeScope();
            Scaled.apply(2.0, leaf, leaf, 0).sum().backward();
            _ = SumAndDifference.apply(leaf, leaf, true);       // never run backward
        }
        leaf.grad = null;
    });

    [Fact]
    public void What_a_function_holds_goes_with_its_graph()
    {
        var held = Apply();
        Leaks.Settle();
        Assert.True(held.Payload.IsAlive);
        held.Result.Dispose();
        Leaks.Settle();
        Assert.False(held.Payload.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private (Tensor Result, WeakReference Payload) Apply()
    {
        var payload = new byte[100];
        return (Wrong.apply(x, (Func<Tensor, List<Tensor>>)(g => [g * payload.Length, null!])), new(payload));
    }

    [Fact]
    public void A_context_is_of_no_use_outside()
    {
        autograd.AutogradContext? kept = null;
        _ = Keeping.apply(x, (Action<autograd.AutogradContext>)(context => kept = context));
        Assert.Throws<InvalidOperationException>(() => kept!.save_for_backward([x]));
        Assert.Throws<InvalidOperationException>(() => kept!.get_saved_variables());
    }

    private sealed class Keeping : autograd.SingleTensorFunction<Keeping>
    {
        public override string Name => nameof(Keeping);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ((Action<autograd.AutogradContext>)vars[1])(ctx);
            return (Tensor)vars[0] * 1;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output, null!];
    }
}
