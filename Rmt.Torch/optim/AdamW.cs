using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp.Modules
{
    /// <summary>Adam with the decay of the weights apart from the gradient (Loshchilov and Hutter).</summary>
    public sealed partial class AdamW : GroupedOptimizer<AdamW.Options, AdamW.State>
    {
        public sealed class Options : OptimizerOptions
        {
            public double? beta1 { get; set; }
            public double? beta2 { get; set; }
            public double? eps { get; set; }
            public double? weight_decay { get; set; }
            public bool? amsgrad { get; set; }
            public bool? maximize { get; set; }

            public override void SaveStateDict(BinaryWriter writer)
            {
                base.SaveStateDict(writer);
                foreach (var number in new[] { beta1, beta2, eps, weight_decay }) writer.Write(number!.Value);
                writer.Write(amsgrad!.Value);
                writer.Write(maximize!.Value);
            }

            public override void LoadStateDict(BinaryReader reader)
            {
                base.LoadStateDict(reader);
                (beta1, beta2, eps, weight_decay) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
                (amsgrad, maximize) = (reader.ReadBoolean(), reader.ReadBoolean());
            }

            /// <exception cref="InvalidCastException">Settings of another optimizer.</exception>
            public override void LoadStateDict(OptimizerOptions source)
            {
                base.LoadStateDict(source);
                var given = (Options)source;
                (beta1, beta2, eps, weight_decay, amsgrad, maximize) = (given.beta1, given.beta2, given.eps, given.weight_decay, given.amsgrad, given.maximize);
            }
        }

        public sealed class ParamGroup : ParamGroup<Options>, torch.optim.IBetas
        {
            public ParamGroup() { }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                : base(parameters, Of(lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)) { }

            public (double, double) Betas
            {
                get => (Options.beta1!.Value, Options.beta2!.Value);
                set => (Options.beta1, Options.beta2) = value;
            }
        }

        private protected override State New(Parameter parameter) => new(parameter);

        private protected override ParamGroup NewGroup() => new();

        internal AdamW(IEnumerable<ParamGroup<Options>> groups, Options defaults) : base(groups, defaults) { }

        internal static Options Of(double lr, double beta1, double beta2, double eps, double weight_decay, bool amsgrad, bool maximize) => new()
        {
            LearningRate = lr,
            InitialLearningRate = lr,
            beta1 = beta1,
            beta2 = beta2,
            eps = eps,
            weight_decay = weight_decay,
            amsgrad = amsgrad,
            maximize = maximize,
        };

        private protected override void Complete(Options options)
        {
            options.beta1 ??= Defaults.beta1;
            options.beta2 ??= Defaults.beta2;
            options.eps ??= Defaults.eps;
            options.weight_decay ??= Defaults.weight_decay;
            options.amsgrad ??= Defaults.amsgrad;
            options.maximize ??= Defaults.maximize;
            Check(options.beta1 is >= 0 and < 1, nameof(options.beta1), options.beta1);
            Check(options.beta2 is >= 0 and < 1, nameof(options.beta2), options.beta2);
            Check(options.eps is >= 0, nameof(options.eps), options.eps);
            Check(options.weight_decay is >= 0, nameof(options.weight_decay), options.weight_decay);
        }

        private static void Check(bool valid, string name, double? value)
        {
            if (!valid) throw new ArgumentOutOfRangeException(name, value, "betas lie in [0, 1), eps and weight_decay are not negative");
        }

        private protected override void Step()
        {
            var entries = Entries().ToArray();
            using var parameters = new TensorAddresses(Array.ConvertAll(entries, entry => entry.Parameter));
            using var states = new TensorAddresses([.. entries.SelectMany(entry => new[] { entry.State.Mean, entry.State.Square, entry.State.Largest })]);
            var native = new NativeAdamW[entries.Length];
            for (var i = 0; i < native.Length; i++)
            {
                var (_, options, state) = entries[i];
                native[i] = new()
                {
                    Parameter = parameters.Addresses[i],
                    Mean = states.Addresses[3 * i],
                    Square = states.Addresses[(3 * i) + 1],
                    Largest = states.Addresses[(3 * i) + 2],
                    Steps = state.step,
                    Rate = options.LearningRate!.Value,
                    Beta1 = options.beta1!.Value,
                    Beta2 = options.beta2!.Value,
                    Eps = options.eps!.Value,
                    Decay = options.weight_decay!.Value,
                    AmsGrad = options.amsgrad!.Value ? 1 : 0,
                    Maximize = options.maximize!.Value ? 1 : 0,
                };
            }
            var status = NativeMethods.rmt_adamw_step(native, native.Length);
            for (var i = 0; i < native.Length; i++)
            {
                var state = entries[i].State;
                state.step = native[i].Steps;
                state.Mean ??= Keep(native[i].Mean);
                state.Square ??= Keep(native[i].Square);
                state.Largest ??= Keep(native[i].Largest);
            }
            ErrorSlot.Check(status);
        }

        private static torch.Tensor? Keep(IntPtr made) => torch.Tensor.OwnOrNull(made)?.DetachFromDisposeScope();
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static AdamW AdamW(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                AdamW([new AdamW.ParamGroup { Parameters = parameters }], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                AdamW(parameters.Select(entry => entry.parameter), lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            /// <summary>Groups with settings of their own; the numbers here stand in for what a group leaves open.</summary>
            public static AdamW AdamW(IEnumerable<AdamW.ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, Modules.AdamW.Of(lr, beta1, beta2, eps, weight_decay, amsgrad, maximize));
        }
    }
}
