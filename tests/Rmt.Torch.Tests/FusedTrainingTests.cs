using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Rmt.Torch.Tests;

/// <summary>The fused steps of a layer that learns are the steps they stand for, with dropout that is a function of a seed, on every device.</summary>
public sealed class FusedTrainingTests : IDisposable
{
    private const double Eps = 1e-5;

    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    private sealed record Norm(Tensor Product, Tensor Bias, Tensor Residual, Tensor Gamma, Tensor Beta)
    {
        public static Norm Draw(long rows, long width, ScalarType narrow, ScalarType wide)
        {
            _ = manual_seed(11);
            return new(randn(2, rows, width).to(narrow), randn(width) * 0.3, randn(2, rows, width).to(wide), randn(width) * 0.2 + 1, randn(width) * 0.2);
        }

        public Norm To(Device device, ScalarType? type = null)
        {
            Tensor Moved(Tensor t) => t.detach().to(device).to(type ?? t.dtype).clone().requires_grad_();
            return new(Moved(Product), Moved(Bias), Moved(Residual), Moved(Gamma), Moved(Beta));
        }

        public Tensor[] Gradients(Tensor result, Tensor weights) => [.. autograd.grad([(result.to(weights.dtype) * weights).sum()], [Product, Bias, Residual, Gamma, Beta])];

        public (Tensor Wide, Tensor Narrow) Fused(double p, long seed = 5)
        {
            _ = manual_seed(seed);
            return FusedTraining.DropoutAddNorm(Product, Bias, Residual, Gamma, Beta, p, Eps);
        }

        public Tensor Plain(Tensor factors) => F.layer_norm((Product + Bias) * factors + Residual, [Gamma.shape[0]], Gamma, Beta, Eps);

        // What each element of the product was multiplied by: the residual's gradient is the product's without it.
        public Tensor Factors(double p, long seed = 5)
        {
            var gradients = Gradients(Fused(p, seed).Wide, randn(Product.shape, dtype: Residual.dtype, device: Residual.device));
            return (gradients[0] / gradients[2]).detach();
        }
    }

    private static double Relative(Tensor expected, Tensor actual) => Near.Distance(expected, actual) / Math.Max(expected.abs().max().to(float64).item<double>(), 1e-30);

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    public void Dropout_residual_and_norm_are_the_three_of_them_where_the_same_is_dropped(double p)
    {
        var fused = Norm.Draw(3, 40, float64, float64).To(CPU, float64);
        var plain = fused.To(CPU);
        var factors = fused.Factors(p);
        var weights = randn(2, 3, 40, dtype: float64);
        var (expected, actual) = (plain.Plain(factors), fused.Fused(p).Wide);
        Near.Equal(expected, actual, 1e-6, "result");
        foreach (var (a, b) in plain.Gradients(expected, weights).Zip(fused.Gradients(actual, weights))) Assert.InRange(Relative(a, b), 0, 1e-6);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.25)]
    public void So_many_elements_are_dropped_and_the_others_scaled_that_the_mean_stays(double p)
    {
        var norm = Norm.Draw(400, 64, float64, float64).To(CPU, float64);
        var factors = norm.Factors(p);
        var kept = (factors > 0.5).to(float64);
        var share = kept.mean().item<double>();
        Assert.InRange(share, 1 - p - 0.006, 1 - p + 0.006);                                    // three deviations of 51,200 draws are 0.004 to 0.006
        Near.Equal(kept / (1 - p), factors, 1e-4, "factors");
        Near.Equal(full([64], 1 - p, dtype: float64), kept.flatten(0, 1).mean([0]), 0.08, "columns");
    }

    [Fact]
    public void The_same_seed_drops_the_same_and_another_another()
    {
        var norm = Norm.Draw(5, 16, float32, float32).To(CPU);
        Assert.Equal(0, Near.Distance(norm.Fused(0.3).Wide, norm.Fused(0.3).Wide));
        Assert.NotEqual(0, Near.Distance(norm.Fused(0.3).Wide, norm.Fused(0.3, seed: 6).Wide));
        _ = manual_seed(5);
        var first = FusedTraining.DropoutAddNorm(norm.Product, norm.Bias, norm.Residual, norm.Gamma, norm.Beta, 0.3, Eps).Wide;
        Assert.NotEqual(0, Near.Distance(first, FusedTraining.DropoutAddNorm(norm.Product, norm.Bias, norm.Residual, norm.Gamma, norm.Beta, 0.3, Eps).Wide));
        using var mode = no_grad();
        Assert.Equal(0, Near.Distance(first, norm.Fused(0.3).Wide));
    }

    [Fact]
    public void Two_types_are_two_results_whose_gradients_add_up()
    {
        var norm = Norm.Draw(3, 16, bfloat16, float32).To(CPU);
        var (wide, narrow) = norm.Fused(0.2);
        Assert.Equal((float32, bfloat16), (wide.dtype, narrow.dtype));
        Assert.Equal(0, Near.Distance(wide.to(bfloat16), narrow));
        var (a, b) = (randn(2, 3, 16), randn(2, 3, 16).to(bfloat16));
        var both = autograd.grad([(wide * a).sum() + (narrow * b).sum()], [norm.Residual, norm.Gamma]);
        (wide, narrow) = norm.Fused(0.2);
        var one = autograd.grad([(wide * (a + b.to(float32))).sum()], [norm.Residual, norm.Gamma]);
        foreach (var (x, y) in one.Zip(both)) Assert.InRange(Relative(x, y), 0, 1e-5);
        (_, narrow) = norm.Fused(0.2);
        Assert.Equal(bfloat16, autograd.grad([narrow.sum()], [norm.Product])[0].dtype);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bias_and_gelu_are_the_two_of_them(bool tanh)
    {
        var (x, bias) = (randn([3, 16], dtype: float64).requires_grad_(), randn([16], dtype: float64).requires_grad_());
        Tensor Plain(Tensor v) => tanh ? v * 0.5 * (((v + v.pow(3) * 0.044715) * Math.Sqrt(2 / Math.PI)).tanh() + 1) : F.gelu(v);
        var weights = randn([3, 16], dtype: float64);
        var (expected, actual) = (Plain(x + bias), FusedTraining.BiasGelu(x, bias, tanh));
        Near.Equal(expected, actual, 1e-9, "result");
        foreach (var (a, b) in autograd.grad([(expected * weights).sum()], [x, bias]).Zip(autograd.grad([(actual * weights).sum()], [x, bias]))) Near.Equal(a, b, 1e-9, "gradient");
    }

    [Fact]
    public void What_is_joined_is_made_once_in_a_scope_of_autocast_and_leads_gradients_back_from_every_use()
    {
        var (a, b) = (randn(2, 3).requires_grad_(), randn(4, 3).requires_grad_());
        var like = zeros([1], dtype: bfloat16);
        using (Autocast.Begin(CPU))
        {
            var (first, second) = (FusedTraining.Joined(like, a, b), FusedTraining.Joined(like, a, b));
            Assert.Equal(first.bytes.ToArray(), cat([a, b]).to(bfloat16).bytes.ToArray());
            first.to(float32).sum().backward();
            second.to(float32).sum().backward();
        }
        Assert.Equal(0, Near.Distance(full_like(a, 2), a.grad!));
        Assert.Equal(0, Near.Distance(full_like(b, 2), b.grad!));
        Leaks.None(() =>
        {
            using (Autocast.Begin(CPU)) FusedTraining.Joined(like, a, b).Dispose();
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_step_that_is_run_again_has_the_gradients_of_one_that_is_kept_dropout_included(bool casts)
    {
        var weight = randn(16, 16).requires_grad_();
        var x = randn(4, 16).requires_grad_();
        (Tensor, Tensor) Step(Tensor wide, Tensor narrow, Tensor? beside)
        {
            var product = F.dropout(F.linear(narrow, weight), 0.3);
            return FusedTraining.DropoutAddNorm(product, beside!, wide, beside! + 1, beside!, 0.3, Eps);
        }
        (Tensor Wide, Tensor Narrow) Steps(bool again)
        {
            using var cast = casts ? Autocast.Begin(CPU) : null;
            using var inner = NewDisposeScope();
            _ = manual_seed(3);
            var beside = zeros(16);
            var (wide, narrow) = (x, casts ? x.to(bfloat16) : x);
            for (var i = 0; i < 3; i++) (wide, narrow) = again ? Recomputation.Run(Step, wide, narrow, beside) : Step(wide, narrow, beside);
            return (wide.MoveToOuterDisposeScope(), casts ? narrow.MoveToOuterDisposeScope() : wide);
        }
        Tensor[] Gradients(bool again)
        {
            var (wide, narrow) = Steps(again);
            var next = rand(1);         // random numbers go on as if nothing had happened
            (x.grad, weight.grad) = (null, null);
            (wide.square().sum() + narrow.to(float32).sum()).backward();
            return [next, rand(1), x.grad!, weight.grad!];
        }
        // In float32 to the bit; weights that were cast get their gradients by way of bfloat16, once a step or once for all.
        foreach (var (kept, again) in Gradients(false).Zip(Gradients(true))) Assert.InRange(Relative(kept, again), 0, casts ? 0.02 : 0);
    }

    public static TheoryData<int, int, ScalarType, ScalarType, string> Shapes => new(
        from shape in new[] { (1, 8), (7, 40), (37, 768), (33, 1000), (5, 1024), (3, 2048), (2500, 256) }
        from types in new[] { (float32, float32), (bfloat16, float32), (bfloat16, bfloat16), (float16, float32) }
        from device in DeviceKinds.All
        select (shape.Item1, shape.Item2, types.Item1, types.Item2, device));

    public static TheoryData<string> EveryDevice => new(DeviceKinds.All);

    [Theory, MemberData(nameof(Shapes))]
    public void In_narrower_types_they_are_those_of_float64_but_for_rounding_and_every_device_drops_the_same(int rows, int width, ScalarType narrow, ScalarType wide, string name)
    {
        var device = new Device(name);
        if (name == "cuda") Assert.Null(FusedTraining.Missing(new Device(DeviceType.CUDA, 0)));
        var drawn = Norm.Draw(rows, width, narrow, wide);
        var (onDevice, exact) = (drawn.To(device), drawn.To(CPU, float64));
        var weights = randn([2, rows, width], dtype: float64);
        var expected = exact.Fused(0.1);
        var actual = onDevice.Fused(0.1);
        var tolerance = wide == float32 && narrow == float32 ? 2e-5 : 0.02;
        Near.Equal(expected.Wide, actual.Wide, wide == float32 ? 2e-5 : 0.04, "wide");
        Near.Equal(expected.Wide.to(narrow), actual.Narrow, 0.04, "narrow");
        foreach (var (of, (a, b)) in new[] { "product", "bias", "residual", "gamma", "beta" }.Zip(exact.Gradients(expected.Wide, weights)
            .Zip(onDevice.Gradients(actual.Wide, weights.to(device).to(float32)))))
            Assert.True(Relative(a, b) <= tolerance, $"{of}: {Relative(a, b):E2}");
        using (no_grad()) Assert.Equal(0, Near.Distance(actual.Wide, onDevice.Fused(0.1).Wide));

        foreach (var tanh in new[] { false, true })
        {
            var (y, z) = (FusedTraining.BiasGelu(exact.Product, exact.Bias, tanh), FusedTraining.BiasGelu(onDevice.Product, onDevice.Bias, tanh));
            Assert.InRange(Relative(y, z), 0, narrow == float32 ? 1e-6 : 0.005);
            foreach (var (a, b) in autograd.grad([(y * weights).sum()], [exact.Product, exact.Bias])
                .Zip(autograd.grad([(z.to(float32) * weights.to(device).to(float32)).sum()], [onDevice.Product, onDevice.Bias])))
                Assert.InRange(Relative(a, b), 0, narrow == float32 ? 2e-5 : 0.01);
        }
    }

    // Kernels are started by the number of rows and of columns, and dividing by none of them ended the process.
    [Theory, MemberData(nameof(EveryDevice))]
    public void Sums_over_no_rows_are_zeros(string name)
    {
        var device = new Device(name);
        foreach (var shape in new long[][] { [0, 8], [2, 0, 8] })
        {
            Tensor[] norm = [.. new[] { zeros(shape), ones(8), zeros(shape), ones(8), ones(8) }.Select(t => t.to(device).requires_grad_())];
            AreZeros(norm, FusedTraining.DropoutAddNorm(norm[0], norm[1], norm[2], norm[3], norm[4], 0.1, Eps).Wide);
            foreach (var tanh in new[] { false, true })
                AreZeros(norm[..2], FusedTraining.BiasGelu(norm[0], norm[1], tanh));
        }
        foreach (var shape in new long[][] { [0, 3, 16], [2, 0, 16] })
        {
            Tensor[] product = [.. new[] { zeros(shape), ones(24, 16), ones(24) }.Select(t => t.to(device).requires_grad_())];
            AreZeros(product, FusedTraining.Projections(product[0], product[1], product[2], parts: 3, heads: 2)[1]);
        }

        static void AreZeros(Tensor[] inputs, Tensor result)
        {
            foreach (var (input, gradient) in inputs.Zip(autograd.grad([result.sum()], inputs)))
            {
                Assert.Equal(input.shape, gradient.shape);
                Near.Equal(zeros_like(input), gradient, 0, "gradient");
            }
        }
    }

    [Theory, MemberData(nameof(EveryDevice))]
    public void Rows_of_no_numbers_are_refused_and_named(string name)
    {
        var device = new Device(name);
        Tensor rows = zeros([2, 3, 0], device: device), row = zeros([0], device: device);
        foreach (var (what, refused) in new (string, Action)[]
                 {
                     ("dropout_add_norm", () => FusedTraining.DropoutAddNorm(rows, row, rows, row, row, 0, Eps)),
                     ("bias_gelu", () => FusedTraining.BiasGelu(rows, row)),
                     ("projections", () => FusedTraining.Projections(ones([2, 3, 8], device: device), zeros([0, 8], device: device), row, parts: 1, heads: 2)),
                 })
            Assert.StartsWith(what, Assert.Throws<TorchException>(refused).Message, StringComparison.Ordinal);
    }

    // A kernel's sums of columns have no room beyond 4096 of them, which the backward pass found out.
    [Theory, MemberData(nameof(EveryDevice))]
    public void Rows_wider_than_a_kernel_takes_learn_too(string name)
    {
        var device = new Device(name);
        var drawn = Norm.Draw(3, 4104, float32, float32);
        var (onDevice, exact) = (drawn.To(device), drawn.To(CPU, float64));
        var weights = randn([2, 3, 4104], dtype: float64);
        var (expected, actual) = (exact.Fused(0.1), onDevice.Fused(0.1));
        Near.Equal(expected.Wide, actual.Wide, 2e-5, "result");
        foreach (var (a, b) in exact.Gradients(expected.Wide, weights).Zip(onDevice.Gradients(actual.Wide, weights.to(device).to(float32))))
            Assert.InRange(Relative(a, b), 0, 2e-5);
    }

    // A kernel that is given an address of the host ends what the process has on the device.
    [Fact]
    public void What_is_on_another_device_is_refused_and_named()
    {
        var (x, row, elsewhere) = (ones(2, 8), ones(8), new Device(DeviceType.META));
        foreach (var refused in new Action[]
                 {
                     () => FusedTraining.DropoutAddNorm(x, row.to(elsewhere), x, row, row, 0, Eps),
                     () => FusedTraining.DropoutAddNorm(x, row, x.to(elsewhere), row, row, 0, Eps),
                     () => FusedTraining.BiasGelu(x, row.to(elsewhere)),
                 })
            Assert.Contains("on one device", Assert.Throws<TorchException>(refused).Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(EveryDevice))]
    public void A_step_of_AdamW_is_that_of_float64_but_for_rounding(string device)
    {
        using var module = nn.Linear(40, 30, dtype: float64);
        using var twin = nn.Linear(40, 30);
        twin.load_state_dict(module.state_dict());
        twin.to(new Device(device));
        using var optimizer = optim.AdamW(module.parameters(), lr: 1e-2, weight_decay: 0.1);
        using var onDevice = optim.AdamW(twin.parameters(), lr: 1e-2, weight_decay: 0.1);
        for (var i = 0; i < 5; i++)
        {
            foreach (var (a, b) in module.parameters().Zip(twin.parameters()))
            {
                a.grad = randn(a.shape, dtype: float64);
                b.grad = a.grad.to(new Device(device)).to(float32);
            }
            _ = optimizer.step();
            _ = onDevice.step();
            foreach (var (a, b) in module.parameters().Zip(twin.parameters())) Near.Equal(a, b, 1e-6, "parameter");
        }
    }
}
