using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using Anneal = TorchSharp.torch.optim.lr_scheduler.impl.OneCycleLR.AnnealStrategy;

namespace Rmt.Torch.Tests;

/// <summary>Rates and momentum of OneCycleLR over 10 steps: up in 0.3 · 10 − 1 = 2 of them from 1 / 25, down in the other 7 to 1 / 25 / 10⁴.</summary>
public sealed class ScheduleTests : IDisposable
{
    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();
    private readonly Parameter p = nn.Parameter(ones(1)), q = nn.Parameter(ones(1));

    public void Dispose()
    {
        scope.Dispose();
        p.Dispose();
        q.Dispose();
    }

    private static List<(double Rate, double Momentum)> Run(Optimizer optimizer, lr_scheduler.LRScheduler schedule, int steps, int group = 0)
    {
        var seen = new List<(double, double)>();
        for (var i = 0; i < steps; i++)
        {
            var at = optimizer.ParamGroups.ElementAt(group);
            seen.Add((schedule.get_last_lr().ElementAt(group), at is IBetas betas ? betas.Betas.Item1 : ((IMomentum)at).Momentum));
            schedule.step();
        }
        return seen;
    }

    private static void Near(IEnumerable<double> expected, IEnumerable<double> actual) => Assert.All(expected.Zip(actual, (e, a) => (e, a)), pair => Assert.Equal(pair.e, pair.a, 1e-12));

    [Fact]
    public void Rates_go_up_and_down_along_half_cosines_and_the_first_beta_the_other_way()
    {
        using var optimizer = AdamW([p], lr: 7, beta2: 0.98);
        var seen = Run(optimizer, lr_scheduler.OneCycleLR(optimizer, max_lr: 1, total_steps: 10), 10);
        double Down(double from, double to, int k) => to + ((from - to) / 2 * (1 + Math.Cos(Math.PI * (k - 2) / 7)));
        Near([0.04, 0.52, 1, .. Enumerable.Range(3, 7).Select(k => Down(1, 4e-6, k))], seen.Select(s => s.Rate));
        Assert.Equal(0.950485, seen[3].Rate, 5e-7);             // 4e-6 + (1 − 4e-6) (1 + cos π/7) / 2
        Assert.Equal(4e-6, seen[9].Rate, 1e-15);
        Near([0.95, 0.90, 0.85, .. Enumerable.Range(3, 7).Select(k => Down(0.85, 0.95, k))], seen.Select(s => s.Momentum));
        Assert.Equal(0.98, ((IBetas)optimizer.ParamGroups.Single()).Betas.Item2);
    }

    [Fact]
    public void Rates_can_go_straight_and_down_as_fast_as_up()
    {
        using var optimizer = SGD([p], 7, momentum: 0.5);
        var schedule = lr_scheduler.OneCycleLR(optimizer, 1, epochs: 2, steps_per_epoch: 5, anneal_strategy: Anneal.Linear, three_phase: true);
        var seen = Run(optimizer, schedule, 10);
        double last = 4e-6, part = (0.04 - last) / 5;           // phases end after 2, 4 and 9 steps
        Near([0.04, 0.52, 1, 0.52, 0.04, 0.04 - part, 0.04 - (2 * part), 0.04 - (3 * part), 0.04 - (4 * part), last], seen.Select(s => s.Rate));
        Near([0.95, 0.90, 0.85, 0.90, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95], seen.Select(s => s.Momentum));
    }

    [Fact]
    public void Groups_have_rates_of_their_own_and_momentum_can_stay()
    {
        using var optimizer = AdamW([new AdamW.ParamGroup([p]), new AdamW.ParamGroup([q], beta1: 0.7)]);
        var schedule = lr_scheduler.OneCycleLR(optimizer, [1.0, 3.0], total_steps: 10, cycle_momentum: false);
        Near([0.04, 0.12], schedule.get_last_lr());
        Near([0.12, 1.56, 3], Run(optimizer, schedule, 3, group: 1).Select(s => s.Rate));
        Assert.Equal(0.7, ((IBetas)optimizer.ParamGroups.Last()).Betas.Item1);
    }

    [Fact]
    public void A_cycle_goes_on_where_it_stopped_and_ends()
    {
        using var optimizer = AdamW([p]);
        var whole = Run(optimizer, lr_scheduler.OneCycleLR(optimizer, 1, total_steps: 10), 10);
        var rest = lr_scheduler.OneCycleLR(optimizer, 1, total_steps: 10, last_epoch: 3);
        Assert.Equal(whole[4..], Run(optimizer, rest, 6));
        rest.step(7);
        Assert.Equal(whole[7].Rate, rest.get_last_lr().Single());
        rest.step(0.5, 10);
        Assert.Throws<InvalidOperationException>(() => rest.step());
        Assert.Throws<InvalidOperationException>(() => rest.step());      // it stays where it was
    }

    [Fact]
    public void A_cycle_needs_a_length_a_rate_a_group_and_a_part()
    {
        using var optimizer = AdamW([p]);
        Assert.Contains("total_steps", Assert.Throws<ArgumentException>(() => lr_scheduler.OneCycleLR(optimizer, 1)).Message);
        Assert.Throws<ArgumentException>(() => lr_scheduler.OneCycleLR(optimizer, 1, total_steps: 0));
        Assert.Throws<ArgumentException>(() => lr_scheduler.OneCycleLR(optimizer, [1.0, 2.0], total_steps: 10));
        Assert.Throws<ArgumentException>(() => lr_scheduler.OneCycleLR(optimizer, 1, total_steps: 10, pct_start: 1.5));
        Assert.Throws<NotSupportedException>(() => lr_scheduler.OneCycleLR(optimizer, 1, total_steps: 10, verbose: true));
        Assert.Throws<ArgumentException>(() => new lr_scheduler.impl.LambdaLR(optimizer, [_ => 1, _ => 2]));
    }
}
