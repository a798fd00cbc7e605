using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>The rate of a group of parameters, which schedulers change.</summary>
        public interface ILearningRateController
        {
            double LearningRate { get; set; }

            double InitialLearningRate { get; set; }
        }

        /// <summary>The momentum of a group of parameters.</summary>
        public interface IMomentum
        {
            double Momentum { get; set; }
        }

        /// <summary>How much of their past two running means of a group of parameters keep: of the gradients, and of their squares.</summary>
        public interface IBetas
        {
            (double, double) Betas { get; set; }
        }

        /// <summary>Changes parameters by their gradients.</summary>
        public abstract class Optimizer : IDisposable
        {
            internal Optimizer() { }

            public abstract IEnumerable<ILearningRateController> ParamGroups { get; }

            public abstract IEnumerable<Parameter> parameters();

            /// <summary>One step, after the closure if there is one.</summary>
            /// <returns>What the closure returned.</returns>
            public virtual Tensor? step(Func<Tensor>? closure = null)
            {
                Tensor? loss = null;
                if (closure is not null)
                {
                    using var mode = enable_grad();
                    loss = closure();
                }
                using var scope = NewDisposeScope();
                Step();
                return loss;
            }

            private protected abstract void Step();

            /// <summary>Adds parameters with settings of their own.</summary>
            public virtual void add_param_group(ParamGroup param_group) => throw new NotSupportedException($"{GetType().Name} has no groups");

            /// <summary>Settings of groups and states of parameters, in the order of <see cref="parameters"/>.</summary>
            public class StateDictionary
            {
                internal StateDictionary() { }

                public List<OptimizerOptions> Options { get; } = [];

                public List<OptimizerState> State { get; } = [];

                /// <summary>For each group the places of its parameters' states in <see cref="State"/>.</summary>
                public List<List<int>> StateIndexRef { get; } = [];
            }

            /// <summary>Fills the gradients with zeros. (<see cref="nn.Module.zero_grad"/> drops them.)</summary>
            public virtual void zero_grad()
            {
                using var held = new TensorAddresses(parameters().ToArray());
                ErrorSlot.Check(NativeMethods.rmt_zero_grads(held.Addresses, held.Count));
            }

            /// <summary>Frees the state; the parameters stay.</summary>
            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected abstract void Dispose(bool disposing);
        }
    }
}
