using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp.Modules
{
    /// <summary>A step down the gradient, with momentum if wanted.</summary>
    public sealed partial class SGD : GroupedOptimizer<SGD.Options, SGD.State>
    {
        public sealed class Options : OptimizerOptions
        {
            public double? momentum { get; set; }
            public double? dampening { get; set; }
            public double? weight_decay { get; set; }
            public bool? nesterov { get; set; }
            public bool? maximize { get; set; }

            public override void SaveStateDict(BinaryWriter writer)
            {
                base.SaveStateDict(writer);
                foreach (var number in new[] { momentum, dampening, weight_decay }) writer.Write(number!.Value);
                writer.Write(nesterov!.Value);
                writer.Write(maximize!.Value);
            }

            public override void LoadStateDict(BinaryReader reader)
            {
                base.LoadStateDict(reader);
                (momentum, dampening, weight_decay) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
                (nesterov, maximize) = (reader.ReadBoolean(), reader.ReadBoolean());
            }

            /// <exception cref="InvalidCastException">Settings of another optimizer.</exception>
            public override void LoadStateDict(OptimizerOptions source)
            {
                base.LoadStateDict(source);
                var given = (Options)source;
                (momentum, dampening, weight_decay, nesterov, maximize) = (given.momentum, given.dampening, given.weight_decay, given.nesterov, given.maximize);
            }
        }

        public sealed class ParamGroup : ParamGroup<Options>, torch.optim.IMomentum
        {
            public ParamGroup() { }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
                : base(parameters, Of(lr, momentum, dampening, weight_decay, nesterov, maximize)) { }

            public double Momentum { get => Options.momentum!.Value; set => Options.momentum = value; }
        }

        private protected override State New(Parameter parameter) => new(parameter);

        private protected override ParamGroup NewGroup() => new();

        internal SGD(IEnumerable<ParamGroup<Options>> groups, Options defaults) : base(groups, defaults) { }

        internal static Options Of(double lr, double momentum, double dampening, double weight_decay, bool nesterov, bool maximize) => new()
        {
            LearningRate = lr,
            InitialLearningRate = lr,
            momentum = momentum,
            dampening = dampening,
            weight_decay = weight_decay,
            nesterov = nesterov,
            maximize = maximize,
        };

        private protected override void Complete(Options options)
        {
            options.momentum ??= Defaults.momentum;
            options.dampening ??= Defaults.dampening;
            options.weight_decay ??= Defaults.weight_decay;
            options.nesterov ??= Defaults.nesterov;
            options.maximize ??= Defaults.maximize;
            if (options is { momentum: < 0 } or { weight_decay: < 0 }) throw new ArgumentException("momentum and weight_decay are not negative", nameof(options));
            if (options is { nesterov: true } and not { momentum: > 0, dampening: 0 })
                throw new ArgumentException("nesterov needs a momentum and no dampening", nameof(options));
        }

        private protected override void Step()
        {
            var entries = Entries().ToArray();
            using var parameters = new TensorAddresses(Array.ConvertAll(entries, entry => entry.Parameter));
            using var states = new TensorAddresses(Array.ConvertAll(entries, entry => entry.State.Velocity));
            var native = new NativeSGD[entries.Length];
            for (var i = 0; i < native.Length; i++)
            {
                var options = entries[i].Options;
                native[i] = new()
                {
                    Parameter = parameters.Addresses[i],
                    Velocity = states.Addresses[i],
                    Rate = options.LearningRate!.Value,
                    Momentum = options.momentum!.Value,
                    Dampening = options.dampening!.Value,
                    Decay = options.weight_decay!.Value,
                    Nesterov = options.nesterov!.Value ? 1 : 0,
                    Maximize = options.maximize!.Value ? 1 : 0,
                };
            }
            var status = NativeMethods.rmt_sgd_step(native, native.Length);
            for (var i = 0; i < native.Length; i++) entries[i].State.Velocity ??= torch.Tensor.OwnOrNull(native[i].Velocity)?.DetachFromDisposeScope();
            ErrorSlot.Check(status);
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static SGD SGD(IEnumerable<Parameter> parameters, double learningRate, double momentum = 0.0, double dampening = 0.0, double weight_decay = 0.0, bool nesterov = false, bool maximize = false) =>
                SGD([new SGD.ParamGroup { Parameters = parameters }], learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static SGD SGD(IEnumerable<(string name, Parameter parameter)> parameters, double learningRate, double momentum = 0.0, double dampening = 0.0, double weight_decay = 0.0, bool nesterov = false, bool maximize = false) =>
                SGD(parameters.Select(entry => entry.parameter), learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            /// <summary>Groups with settings of their own; the numbers here stand in for what a group leaves open.</summary>
            public static SGD SGD(IEnumerable<SGD.ParamGroup> parameters, double learningRate, double momentum = 0.0, double dampening = 0.0, double weight_decay = 0.0, bool nesterov = false, bool maximize = false) =>
                new(parameters, Modules.SGD.Of(learningRate, momentum, dampening, weight_decay, nesterov, maximize));
        }
    }
}
