namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Rates that change from step to step.</summary>
        public static class lr_scheduler
        {
            /// <summary>Sets the rates of an optimizer; the first already when it is made.</summary>
            public abstract class LRScheduler
            {
                private readonly Optimizer optimizer;
                private int epoch;

                private protected LRScheduler(Optimizer optimizer, int last_epoch) => (this.optimizer, epoch) = (optimizer, last_epoch);

                private protected abstract double Rate(double initial, int epoch);

                /// <summary>The next rates.</summary>
                public virtual void step() => step(epoch + 1);

                /// <summary>The rates of an epoch; of the next one without a number.</summary>
                public virtual void step(int? epoch)
                {
                    this.epoch = epoch ?? this.epoch + 1;
                    foreach (var group in optimizer.ParamGroups) group.LearningRate = Rate(group.InitialLearningRate, this.epoch);
                }

                /// <summary>The rates now, a group each.</summary>
                public IEnumerable<double> get_last_lr() => optimizer.ParamGroups.Select(group => group.LearningRate);
            }

            private sealed class Lambda : LRScheduler
            {
                private readonly Func<int, double> factor;

                internal Lambda(Optimizer optimizer, Func<int, double> factor, int last_epoch) : base(optimizer, last_epoch)
                {
                    this.factor = factor;
                    step();
                }

                private protected override double Rate(double initial, int epoch) => initial * factor(epoch);
            }

            /// <summary>The initial rate times a function of the number of steps made.</summary>
            public static LRScheduler LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1) =>
                new Lambda(optimizer, lr_lambda, last_epoch);
        }
    }
}
