using TorchSharp;

namespace Rmt.Torch;

/// <summary>Steps whose inside is not kept for the backward pass but run again there, with the same random numbers: memory for time.</summary>
public static class Recomputation
{
    /// <summary>Runs a step now without a graph, and again in the backward pass with one. Its gradients are those it would have without.</summary>
    /// <param name="step">Of two streams, which may be one (then it gets that one twice), and <paramref name="beside"/>. What else it reads are parameters.</param>
    /// <param name="wide">[…], what is kept.</param>
    /// <param name="narrow">The same numbers in another type, which are made again; or the very tensor <paramref name="wide"/>.</param>
    /// <param name="beside">Something it reads that gets no gradient; kept as <paramref name="wide"/> is.</param>
    /// <remarks>The backward pass begins outside of scopes of <see cref="Autocast"/>, or it would find the casts of the first run, which lead no gradient back. Where neither requires a gradient, or none is wanted, it is run and nothing else. The random numbers are those of the default generators of the CPU and of
    /// the tensors' device.</remarks>
    /// <exception cref="NotSupportedException">Another provider.</exception>
    public static (torch.Tensor Wide, torch.Tensor Narrow) Run(
        Func<torch.Tensor, torch.Tensor, torch.Tensor?, (torch.Tensor Wide, torch.Tensor Narrow)> step, torch.Tensor wide, torch.Tensor narrow, torch.Tensor? beside = null)
    {
#if RMT_NATIVE
        if (!torch.is_grad_enabled() || !(wide.requires_grad || narrow.requires_grad)) return step(wide, narrow, beside);
        var call = new Call(step, wide, narrow, beside);
        var results = ReferenceEquals(wide, narrow) ? Again.apply(call, wide) : Again.apply(call, wide, narrow);
        return (results[0], results[^1]);
#else
        throw Provider.Lacks(nameof(Recomputation));
#endif
    }

#if RMT_NATIVE
    // What a step needs to be run again: the types that products are cast to, and where random numbers stand.
    private sealed class Call(Func<torch.Tensor, torch.Tensor, torch.Tensor?, (torch.Tensor Wide, torch.Tensor Narrow)> step, torch.Tensor wide, torch.Tensor narrow, torch.Tensor? beside)
    {
        private readonly torch.Device device = wide.device;
        private readonly torch.ScalarType type = narrow.dtype;
        private readonly bool isOne = ReferenceEquals(wide, narrow);
        private readonly torch.ScalarType? casts = Autocast.Now(wide.device);
        private readonly RandomNumbers random = RandomNumbers.Now(wide.device);

        // Of the first run; then the graph keeps it.
        public torch.Tensor? Beside { get; set; } = beside;

        public List<torch.Tensor> Forward(torch.Tensor wide, torch.Tensor narrow, torch.Tensor? beside)
        {
            var (first, second) = step(wide, narrow, beside);
            return ReferenceEquals(first, second) ? [first] : [first, second];
        }

        public List<torch.Tensor> Backward(torch.Tensor kept, torch.Tensor? beside, List<torch.Tensor> gradients)
        {
            using var scope = torch.NewDisposeScope();
            var after = RandomNumbers.Now(device);
            var wide = kept.detach().requires_grad_();
            var narrow = isOne ? wide : kept.detach().to(type).requires_grad_();
            List<torch.Tensor> outputs;
            using (torch.set_grad_enabled(true))
            using (casts is { } narrower ? Autocast.Begin(device, narrower) : null)
            {
                random.Restore();
                outputs = Forward(wide, narrow, beside);
            }
            after.Restore();
            var given = outputs.Zip(gradients).Where(pair => pair.Second is not null).ToList();
            torch.autograd.backward([.. given.Select(pair => pair.First)], [.. given.Select(pair => pair.Second)]);
            var first = wide.grad?.MoveToOuterDisposeScope()!;
            return isOne ? [null!, first] : [null!, first, narrow.grad?.MoveToOuterDisposeScope()!];
        }
    }

    private sealed class Again : torch.autograd.MultiTensorFunction<Again>
    {
        public override string Name => nameof(Recomputation);

        public override List<torch.Tensor> forward(torch.autograd.AutogradContext ctx, params object[] vars)
        {
            var (call, wide) = ((Call)vars[0], (torch.Tensor)vars[1]);
            ctx.save_data("call", call);
            ctx.save_for_backward([wide, call.Beside!]);
            ctx.set_materialize_grads(false);
            var results = call.Forward(wide, (torch.Tensor)vars[^1], call.Beside);
            call.Beside = null;
            return results;
        }

        public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, List<torch.Tensor> grad_outputs)
        {
            var saved = ctx.get_saved_variables();
            return ((Call)ctx.get_data("call")).Backward(saved[0], saved[1], grad_outputs);
        }
    }

    // Where the default generators of the CPU and of a device stand, as bytes: they are kept by graphs, which outlive scopes.
    private readonly record struct RandomNumbers(byte[] Host, byte[]? OfDevice, torch.Device Device)
    {
        public static RandomNumbers Now(torch.Device device) => new(State(torch.CPU), device.type == DeviceType.CPU ? null : State(device), device);

        public void Restore()
        {
            Put(torch.CPU, Host);
            if (OfDevice is not null) Put(Device, OfDevice);
        }

        private static byte[] State(torch.Device device)
        {
            using var generator = torch.Generator.DefaultOf(device);
            using var state = generator.get_state();
            return state.data<byte>().ToArray();
        }

        private static void Put(torch.Device device, byte[] bytes)
        {
            using var generator = torch.Generator.DefaultOf(device);
            using var state = torch.tensor(bytes, torch.ScalarType.Byte);
            generator.set_state(state);
        }
    }
#endif
}
