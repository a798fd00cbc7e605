using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>A function whose backward runs a forward and a backward of its own: what constant memory in training is made of.</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    private sealed class Checkpoint : autograd.SingleTensorFunction<Checkpoint>
    {
        public override string Name => nameof(Checkpoint);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_for_backward([(Tensor)vars[0]]);
            ctx.save_data("body", vars[1]);
            return ((Func<Tensor, Tensor>)vars[1])((Tensor)vars[0]);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            using var mode = enable_grad();
            var input = ctx.get_saved_variables()[0].detach().requires_grad_();
            autograd.backward([((Func<Tensor, Tensor>)ctx.get_data("body"))(input)], [grad_output]);
            return [input.grad!, null!];
        }
    }

    [Fact]
    public void A_checkpoint_gives_the_gradients_of_the_layer_it_runs_twice()
    {
        var x = randn(2, 3, dtype: float64, requires_grad: true);
        using var layer = nn.Linear(3, 3, dtype: float64);
        Tensor Body(Tensor t) => nn.functional.gelu(layer.call(t));
        Body(Body(x)).sum().backward();
        var (dx, dw) = (x.grad!, layer.weight.grad!.clone());
        x.grad = null;
        layer.zero_grad();
        Checkpoint.apply(Checkpoint.apply(x, (Func<Tensor, Tensor>)Body), (Func<Tensor, Tensor>)Body).sum().backward();
        Assert.True(allclose(dx, x.grad!) && allclose(dw, layer.weight.grad!));
    }
}
