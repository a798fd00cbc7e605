namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Rates that change from step to step.</summary>
        public static partial class lr_scheduler
        {
            /// <summary>Sets the rates of an optimizer; the first already when it is made.</summary>
            public abstract class LRScheduler
            {
                private protected LRScheduler(Optimizer optimizer, int last_epoch, bool verbose)
                {
                    if (verbose) throw new NotSupportedException("a library writes nothing to the console: read get_last_lr() after each step");
                    (Groups, Epoch) = ([.. optimizer.ParamGroups], last_epoch);
                }

                private protected IReadOnlyList<ILearningRateController> Groups { get; }

                private protected int Epoch { get; private set; }

                // Sets the rates of all groups, as they are in this epoch.
                private protected abstract void Set(int epoch);

                /// <summary>The next rates.</summary>
                public virtual void step() => step(null);

                /// <summary>The rates of an epoch; of the next one without a number.</summary>
                public virtual void step(int? epoch)
                {
                    var next = epoch ?? Epoch + 1;
                    Set(next);
                    Epoch = next;
                }

                /// <summary>The same for schedules that look at nothing but the epoch.</summary>
                /// <param name="current">A measure of how well the training goes.</param>
                /// <param name="epoch">Which epoch; without a number, the next.</param>
                public virtual void step(double current, int? epoch = null) => step(epoch);

                /// <summary>The rates now, a group each.</summary>
                public IEnumerable<double> get_last_lr() => [.. Groups.Select(group => group.LearningRate)];
            }

            /// <summary>The schedules themselves.</summary>
            public static partial class impl
            {
                /// <summary>The initial rate times a function of the number of steps made.</summary>
                public class LambdaLR : LRScheduler
                {
                    private readonly IReadOnlyList<Func<int, double>> factors;

                    public LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false)
                        : this(optimizer, optimizer.ParamGroups.Select(_ => lr_lambda), last_epoch, verbose) { }

                    /// <param name="optimizer">Its rates are set.</param>
                    /// <param name="lr_lambdas">A function a group.</param>
                    /// <param name="last_epoch">The last epoch that was done; −1: none.</param>
                    /// <param name="verbose">Is refused.</param>
                    public LambdaLR(Optimizer optimizer, IEnumerable<Func<int, double>> lr_lambdas, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        factors = [.. lr_lambdas];
                        if (factors.Count != Groups.Count) throw new ArgumentException($"{Groups.Count} groups of parameters, but {factors.Count} functions", nameof(lr_lambdas));
                        step();
                    }

                    private protected override void Set(int epoch)
                    {
                        for (var i = 0; i < Groups.Count; i++) Groups[i].LearningRate = Groups[i].InitialLearningRate * factors[i](epoch);
                    }
                }
            }

            /// <inheritdoc cref="impl.LambdaLR"/>
            public static LRScheduler LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false) =>
                new impl.LambdaLR(optimizer, lr_lambda, last_epoch, verbose);
        }
    }
}
