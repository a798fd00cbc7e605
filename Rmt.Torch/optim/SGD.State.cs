using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed partial class SGD
{
    /// <summary>The velocity of a parameter.</summary>
    public sealed class State : OptimizerState, IDisposable
    {
        internal Tensor? Velocity;

        public State(Parameter parameter) : base(parameter) { }

        /// <summary>Null without momentum, and before the first step, which takes the gradient for it.</summary>
        public Tensor? momentum_buffer { get => Velocity; set => Put(ref Velocity, value); }

        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(Velocity is not null);
            if (Velocity is not null) TensorFormat.Write(writer, Velocity);
        }

        public override void LoadStateDict(BinaryReader reader) => momentum_buffer = reader.ReadBoolean() ? Read(reader, nameof(momentum_buffer)) : null;

        public override void LoadStateDict(OptimizerState source)
        {
            var given = Fitting<State>(source);
            Check(given.Velocity);
            momentum_buffer = Copy(given.Velocity);
        }

        public override bool ApproximatelyEquals(OptimizerState other) => other is State given && Near(Velocity, given.Velocity);

        public override void Initialize(OptimizerOptions options) => momentum_buffer = null;

        public override void to(Device device) => momentum_buffer = Velocity?.to(device).DetachFromDisposeScope();

        public void Dispose() => Velocity?.Dispose();
    }
}
