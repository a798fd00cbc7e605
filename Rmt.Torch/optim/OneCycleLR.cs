namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>Up to a largest rate and down to almost none, momentum the other way round. (Smith and Topin 2018.) One step a batch.</summary>
                public class OneCycleLR : LRScheduler
                {
                    /// <summary>How a rate goes from one value to another: along half a cosine, or straight.</summary>
                    public enum AnnealStrategy { Cos, Linear }

                    // From the end of the phase before to End; both ends as the rate relative to the largest and as the place between base and largest momentum.
                    private readonly record struct Phase(double End, double FromRate, double ToRate, double FromMomentum, double ToMomentum);

                    private readonly double[] rates, low, high;         // the largest rate and both ends of the momentum, a group each
                    private readonly Phase[] phases;
                    private readonly AnnealStrategy anneal;
                    private readonly bool momentum;
                    private readonly int steps;

                    public OneCycleLR(Optimizer optimizer, double max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3,
                        AnnealStrategy anneal_strategy = AnnealStrategy.Cos, bool cycle_momentum = true, double base_momentum = 0.85, double max_momentum = 0.95,
                        double div_factor = 25, double final_div_factor = 1e4, bool three_phase = false, int last_epoch = -1, bool verbose = false)
                        : this(optimizer, optimizer.ParamGroups.Select(_ => max_lr), total_steps, epochs, steps_per_epoch, pct_start, anneal_strategy, cycle_momentum,
                            optimizer.ParamGroups.Select(_ => base_momentum), optimizer.ParamGroups.Select(_ => max_momentum), div_factor, final_div_factor, three_phase, last_epoch, verbose)
                    { }

                    /// <param name="optimizer">Its rates are set, and its momentum or first beta.</param>
                    /// <param name="max_lr">The largest rate, a group each.</param>
                    /// <param name="total_steps">Length of the cycle; or it is epochs × steps_per_epoch.</param>
                    /// <param name="epochs">With <paramref name="steps_per_epoch"/>, in place of <paramref name="total_steps"/>.</param>
                    /// <param name="steps_per_epoch">Batches of an epoch.</param>
                    /// <param name="pct_start">The part of the cycle in which the rate rises, from 0 to 1.</param>
                    /// <param name="anneal_strategy">The way between two rates.</param>
                    /// <param name="cycle_momentum">Whether momentum falls while the rate rises, and rises while it falls.</param>
                    /// <param name="base_momentum">At the largest rate; 0.85.</param>
                    /// <param name="max_momentum">At the smallest rates; 0.95.</param>
                    /// <param name="div_factor">The first rate is the largest by this.</param>
                    /// <param name="final_div_factor">The last rate is the first by this.</param>
                    /// <param name="three_phase">Down to the first rate as fast as up, and only then to the last.</param>
                    /// <param name="last_epoch">The last step that was done; −1: none.</param>
                    /// <param name="verbose">Is refused.</param>
                    /// <exception cref="ArgumentException">No length, a part outside [0, 1], another number of rates than groups, or an optimizer without momentum.</exception>
                    public OneCycleLR(Optimizer optimizer, IEnumerable<double> max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3,
                        AnnealStrategy anneal_strategy = AnnealStrategy.Cos, bool cycle_momentum = true, IEnumerable<double>? base_momentum = null, IEnumerable<double>? max_momentum = null,
                        double div_factor = 25, double final_div_factor = 1e4, bool three_phase = false, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        (anneal, momentum) = (anneal_strategy, cycle_momentum);
                        steps = Length(total_steps, epochs, steps_per_epoch);
                        rates = PerGroup(max_lr, nameof(max_lr));
                        low = PerGroup(base_momentum ?? Groups.Select(_ => 0.85), nameof(base_momentum));
                        high = PerGroup(max_momentum ?? Groups.Select(_ => 0.95), nameof(max_momentum));
                        if (pct_start is not (>= 0 and <= 1)) throw new ArgumentException($"a part lies between 0 and 1, this is {pct_start}", nameof(pct_start));
                        if (cycle_momentum && Groups.Any(group => group is not (IBetas or IMomentum)))
                            throw new ArgumentException("the optimizer has no momentum that could follow the cycle: pass cycle_momentum: false", nameof(cycle_momentum));
                        var (first, last, rise, end) = (1 / div_factor, 1 / div_factor / final_div_factor, (pct_start * steps) - 1, steps - 1);
                        phases = three_phase
                            ? [new(rise, first, 1, 1, 0), new((2 * rise), 1, first, 0, 1), new(end, first, last, 1, 1)]
                            : [new(rise, first, 1, 1, 0), new(end, 1, last, 0, 1)];
                        step();
                    }

                    private static int Length(int total, int epochs, int each)
                    {
                        if (total > 0) return total;
                        if (total == -1 && epochs > 0 && each > 0) return checked(epochs * each);
                        throw new ArgumentException($"the length of the cycle is total_steps, or epochs × steps_per_epoch; they are {total}, {epochs} and {each}");
                    }

                    private double[] PerGroup(IEnumerable<double> values, string name)
                    {
                        double[] all = [.. values];
                        return all.Length == Groups.Count ? all : throw new ArgumentException($"{Groups.Count} groups of parameters, but {all.Length} values", name);
                    }

                    /// <exception cref="InvalidOperationException">The cycle is over.</exception>
                    private protected override void Set(int epoch)
                    {
                        if (epoch > steps) throw new InvalidOperationException($"step {epoch + 1} of a cycle of {steps} steps");
                        var at = Array.FindIndex(phases, phase => epoch <= phase.End) is var found and >= 0 ? found : phases.Length - 1;
                        var start = at == 0 ? 0 : phases[at - 1].End;
                        var done = (epoch - start) / (phases[at].End - start);
                        for (var i = 0; i < Groups.Count; i++)
                        {
                            Groups[i].LearningRate = Between(rates[i] * phases[at].FromRate, rates[i] * phases[at].ToRate, done);
                            if (!momentum) continue;
                            var now = low[i] + ((high[i] - low[i]) * Between(phases[at].FromMomentum, phases[at].ToMomentum, done));
                            if (Groups[i] is IBetas betas) betas.Betas = (now, betas.Betas.Item2);
                            else ((IMomentum)Groups[i]).Momentum = now;
                        }
                    }

                    private double Between(double from, double to, double done) =>
                        anneal == AnnealStrategy.Linear ? from + ((to - from) * done) : to + ((from - to) / 2 * (Math.Cos(Math.PI * done) + 1));
                }
            }

            /// <inheritdoc cref="impl.OneCycleLR"/>
            public static LRScheduler OneCycleLR(Optimizer optimizer, double max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3,
                impl.OneCycleLR.AnnealStrategy anneal_strategy = impl.OneCycleLR.AnnealStrategy.Cos, bool cycle_momentum = true, double base_momentum = 0.85, double max_momentum = 0.95,
                double div_factor = 25, double final_div_factor = 1e4, bool three_phase = false, int last_epoch = -1, bool verbose = false) =>
                new impl.OneCycleLR(optimizer, max_lr, total_steps, epochs, steps_per_epoch, pct_start, anneal_strategy, cycle_momentum, base_momentum, max_momentum,
                    div_factor, final_div_factor, three_phase, last_epoch, verbose);

            /// <inheritdoc cref="impl.OneCycleLR"/>
            public static LRScheduler OneCycleLR(Optimizer optimizer, IEnumerable<double> max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3,
                impl.OneCycleLR.AnnealStrategy anneal_strategy = impl.OneCycleLR.AnnealStrategy.Cos, bool cycle_momentum = true, IEnumerable<double>? base_momentum = null, IEnumerable<double>? max_momentum = null,
                double div_factor = 25, double final_div_factor = 1e4, bool three_phase = false, int last_epoch = -1, bool verbose = false) =>
                new impl.OneCycleLR(optimizer, max_lr, total_steps, epochs, steps_per_epoch, pct_start, anneal_strategy, cycle_momentum, base_momentum, max_momentum,
                    div_factor, final_div_factor, three_phase, last_epoch, verbose);
        }
    }
}
