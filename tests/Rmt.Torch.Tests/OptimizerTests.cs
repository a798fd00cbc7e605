using Rmt.Testing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Rmt.Torch.Tests;

/// <summary>Steps of optimizers against the same recurrences in plain C#.</summary>
public sealed class OptimizerTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    // What the gradient is at step t; any numbers that differ will do.
    private static double Gradient(int t, int element) => Math.Sin(1 + t + (2 * element));

    private static Parameter New(params double[] values) => Parameter(tensor(values));

    private static void Set(Parameter parameter, int t) =>
        parameter.grad = tensor(Enumerable.Range(0, (int)parameter.numel()).Select(i => Gradient(t, i)).ToArray());

    private static double AdamW(double p, int element, int steps, double lr, double b1, double b2, double eps, double decay, bool amsgrad, bool maximize)
    {
        double m = 0, v = 0, largest = 0;
        for (var t = 1; t <= steps; t++)
        {
            var g = Gradient(t, element) * (maximize ? -1 : 1);
            p *= 1 - (lr * decay);
            m = (b1 * m) + ((1 - b1) * g);
            v = (b2 * v) + ((1 - b2) * g * g);
            largest = Math.Max(largest, v);
            p -= lr / (1 - Math.Pow(b1, t)) * m / ((Math.Sqrt(amsgrad ? largest : v) / Math.Sqrt(1 - Math.Pow(b2, t))) + eps);
        }
        return p;
    }

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(0.1, false, false)]
    [InlineData(0.1, true, false)]
    [InlineData(0.1, false, true)]
    public void AdamW_makes_the_steps_of_the_paper(double decay, bool amsgrad, bool maximize)
    {
        using var a = New(1, -2);
        using var b = New(0.5);
        using var optimizer = optim.AdamW([a, b], lr: 0.1, beta1: 0.8, beta2: 0.9, eps: 1e-3, weight_decay: decay, amsgrad: amsgrad, maximize: maximize);
        for (var t = 1; t <= 5; t++)
        {
            Set(a, t);
            Set(b, t);
            Assert.Null(optimizer.step());
        }
        double Expected(double p, int element) => AdamW(p, element, 5, 0.1, 0.8, 0.9, 1e-3, decay, amsgrad, maximize);
        Assert.Equal(Expected(1, 0), a[0].item<double>(), 1e-12);
        Assert.Equal(Expected(-2, 1), a[1].item<double>(), 1e-12);
        Assert.Equal(Expected(0.5, 0), b[0].item<double>(), 1e-12);
    }

    [Theory]
    [InlineData(0, 0, 0, false, false)]
    [InlineData(0.9, 0, 0, false, false)]
    [InlineData(0.9, 0.3, 0.1, false, false)]
    [InlineData(0.9, 0, 0.1, true, false)]
    [InlineData(0.5, 0, 0, false, true)]
    public void SGD_goes_down_with_momentum(double momentum, double dampening, double decay, bool nesterov, bool maximize)
    {
        using var p = New(2);
        using var optimizer = optim.SGD([p], 0.1, momentum, dampening, decay, nesterov, maximize);
        double expected = 2, velocity = 0;
        for (var t = 1; t <= 4; t++)
        {
            Set(p, t);
            _ = optimizer.step();
            var g = ((maximize ? -1 : 1) * Gradient(t, 0)) + (decay * expected);
            velocity = t == 1 ? g : (momentum * velocity) + ((1 - dampening) * g);
            expected -= 0.1 * (momentum == 0 ? g : nesterov ? g + (momentum * velocity) : velocity);
        }
        Assert.Equal(expected, p.item<double>(), 1e-12);
    }

    [Fact]
    public void Parameters_without_a_gradient_stay_as_they_are_and_count_their_own_steps()
    {
        using var a = New(1);
        using var late = New(1);
        using var optimizer = optim.AdamW([a, late], lr: 0.1, weight_decay: 0.1);
        for (var t = 1; t <= 4; t++)
        {
            Set(a, t);
            if (t > 2) Set(late, t - 2);
            _ = optimizer.step();
            if (t == 2) Assert.Equal(1, late.item<double>());
        }
        Assert.Equal(AdamW(1, 0, 2, 0.1, 0.9, 0.999, 1e-8, 0.1, false, false), late.item<double>(), 1e-12);
        Assert.Equal(AdamW(1, 0, 4, 0.1, 0.9, 0.999, 1e-8, 0.1, false, false), a.item<double>(), 1e-12);
    }

    [Fact]
    public void Groups_have_settings_of_their_own_or_those_of_the_optimizer()
    {
        using var linear = Linear(2, 2, dtype: float64);
        using var extra = New(1);
        var before = extra.item<double>();
        using var optimizer = optim.AdamW(
            [
                new AdamW.ParamGroup { Parameters = [linear.weight], Options = new() { weight_decay = 0.5 } },
                new AdamW.ParamGroup([linear.bias!], lr: 0.25, weight_decay: 0),
            ], lr: 5e-4);
        optimizer.add_param_group(new AdamW.ParamGroup { Parameters = [extra] });
        Assert.Equal([5e-4, 0.25, 5e-4], optimizer.ParamGroups.Select(group => group.LearningRate));
        Assert.Equal([5e-4, 0.25, 5e-4], optimizer.ParamGroups.Select(group => group.InitialLearningRate));
        Assert.Equal([linear.weight, linear.bias, extra], optimizer.parameters());
        linear.weight.grad = zeros(2, 2, dtype: float64);
        Set(extra, 1);
        var weight = linear.weight.clone();
        _ = optimizer.step();
        Assert.True(allclose(weight * (1 - (5e-4 * 0.5)), linear.weight));
        Assert.Equal(AdamW(before, 0, 1, 5e-4, 0.9, 0.999, 1e-8, 0, false, false), extra.item<double>(), 1e-12);
        Assert.Throws<ArgumentException>(() => optimizer.add_param_group(new AdamW.ParamGroup { Parameters = [extra] }));
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        using var p = New(1);
        Assert.Throws<ArgumentException>(() => optim.AdamW(Array.Empty<Parameter>()));
        Assert.Throws<ArgumentException>(() => optim.AdamW([p, p]));
        Assert.Throws<ArgumentOutOfRangeException>(() => optim.AdamW([p], beta1: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => optim.AdamW([p], beta2: -0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => optim.AdamW([p], eps: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => optim.AdamW([p], weight_decay: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => optim.AdamW([p], lr: -1));
        Assert.Throws<ArgumentException>(() => optim.SGD([p], 0.1, nesterov: true));
        Assert.Throws<ArgumentException>(() => optim.SGD([p], 0.1, momentum: -1));
    }

    [Fact]
    public void A_sparse_gradient_is_an_exception()
    {
        using var table = Embedding(3, 2, sparse: true);
        using var optimizer = optim.AdamW(table.named_parameters());
        table.call(tensor(new long[] { 1 })).sum().backward();
        Assert.Contains("sparse", Assert.Throws<TorchException>(() => optimizer.step()).Message);
    }

    [Fact]
    public void Training_goes_down_and_leaves_nothing_behind()
    {
        random.manual_seed(1);
        var (x, y) = (randn(32, 4), randn(32, 2));
        Leaks.None(() =>
        {
            using var linear = Linear(4, 2);
            using var optimizer = optim.AdamW(linear.parameters(), lr: 0.05);
            float first = 0, last = 0;
            for (var i = 0; i < 50; i++)
            {
                using var step = NewDisposeScope();
                optimizer.zero_grad();
                var loss = functional.mse_loss(linear.call(x), y);
                loss.backward();
                _ = utils.clip_grad_norm_(linear.parameters(), 1);
                _ = optimizer.step();
                (first, last) = (i == 0 ? loss.item<float>() : first, loss.item<float>());
            }
            Assert.True(last < 0.9 * first);
            linear.zero_grad();
        });
    }

    [Fact]
    public void A_closure_is_run_with_gradients_and_its_loss_returned()
    {
        using var p = New(3);
        using var optimizer = optim.SGD([p], 0.1);
        using var mode = no_grad();
        var loss = optimizer.step(() =>
        {
            var value = (p * p).sum();
            value.backward();
            return value;
        });
        Assert.Equal(9, loss!.item<double>());
        Assert.Equal(3 - 0.6, p.item<double>(), 1e-12);
    }

    [Fact]
    public void State_made_inside_a_scope_outlives_it_and_moves_survive_a_cast()
    {
        using var linear = Linear(2, 2);
        using var optimizer = optim.AdamW(linear.parameters(), 0.1);
        for (var i = 0; i < 3; i++)
        {
            using var step = NewDisposeScope();
            if (i == 2) _ = linear.to(bfloat16).to(float32);       // the same parameters, so the optimizer still means them
            var before = linear.weight.clone();
            linear.call(ones(1, 2)).sum().backward();
            _ = optimizer.step();
            Assert.False(allclose(before, linear.weight));
        }
        optimizer.zero_grad();
        Assert.Equal(0, linear.weight.grad!.abs().sum().item<float>());
    }

    [Theory]
    [InlineData(2.0)]
    [InlineData(1.0)]
    [InlineData(double.PositiveInfinity)]
    public void Clipping_scales_all_gradients_to_one_norm(double p)
    {
        using var a = New(0, 0);
        using var b = New(0);
        using var none = New(0);
        double[] g = [3, -4, 12];
        double Norm(double[] v) => double.IsInfinity(p) ? v.Max(Math.Abs) : Math.Pow(v.Sum(e => Math.Pow(Math.Abs(e), p)), 1 / p);
        void Give() => (a.grad, b.grad) = (tensor(new[] { 3.0, -4 }), tensor(new[] { 12.0 }));
        Give();
        Assert.Equal(Norm(g), utils.clip_grad_norm_([a, b, none], 1.5, p), 1e-9);
        double[] clipped = [.. a.grad!.data<double>(), b.grad!.item<double>()];
        Assert.Equal(1.5, Norm(clipped), 1e-5);
        Assert.Equal(-4 / 3.0, clipped[1] / clipped[0], 1e-12);
        Give();
        Assert.Equal(Norm(g), utils.clip_grad_norm_([a, b], 1000, p), 1e-9);
        Assert.Equal([3, -4], a.grad!.data<double>());
        Assert.Equal(0, utils.clip_grad_norm_([none], 1));
    }

    [Fact]
    public void Clipping_shows_a_norm_that_is_no_number()
    {
        using var a = New(0, 0);
        a.grad = tensor(new[] { double.NaN, 1 });
        Assert.True(double.IsNaN(utils.clip_grad_norm_([a], 1)));
        Assert.All(a.grad!.data<double>(), g => Assert.True(double.IsNaN(g)));
    }

    [Fact]
    public void Clipping_by_value_brings_every_element_in()
    {
        using var a = New(0, 0, 0);
        a.grad = tensor(new[] { -5.0, 0.5, 2 });
        utils.clip_grad_value_([a], 1);
        Assert.Equal([-1, 0.5, 1], a.grad!.data<double>());
        Assert.Throws<ArgumentOutOfRangeException>(() => utils.clip_grad_value_([a], -1));
    }

    [Fact]
    public void A_schedule_sets_the_first_rate_when_made_and_the_next_at_every_step()
    {
        using var p = New(1);
        using var q = New(1);
        using var optimizer = optim.AdamW([new AdamW.ParamGroup([p], lr: 1), new AdamW.ParamGroup([q], lr: 10)]);
        var schedule = optim.lr_scheduler.LambdaLR(optimizer, step => step / 4.0);
        var rates = new List<double>();
        for (var i = 0; i < 4; i++)
        {
            rates.AddRange(schedule.get_last_lr());
            schedule.step();
        }
        Assert.Equal([0, 0, 0.25, 2.5, 0.5, 5, 0.75, 7.5], rates);
        schedule.step(1);
        Assert.Equal([0.25, 2.5], optimizer.ParamGroups.Select(group => group.LearningRate));
        Assert.Equal([1, 10], optimizer.ParamGroups.Select(group => group.InitialLearningRate));
        schedule.step();
        Assert.Equal([0.5, 5], schedule.get_last_lr());
    }
}
