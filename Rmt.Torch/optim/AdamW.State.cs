using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed partial class AdamW
{
    /// <summary>Number of steps, and running means of the gradient and of its square. Memory for them is taken by the first step, or when they are asked for.</summary>
    public sealed class State : OptimizerState, IDisposable
    {
        internal Tensor? Mean, Square, Largest;

        public State(Parameter parameter) : base(parameter) { }

        public long step { get; set; }

        public Tensor exp_avg { get => Mean ??= Zeros(); set => Put(ref Mean, value); }

        public Tensor exp_avg_sq { get => Square ??= Zeros(); set => Put(ref Square, value); }

        /// <summary>The largest mean of the square so far; null without amsgrad, and before the first step.</summary>
        public Tensor? max_exp_avg_sq { get => Largest; set => Put(ref Largest, value); }

        private Tensor Zeros()
        {
            using var mode = no_grad();
            return zeros_like(_parameter).DetachFromDisposeScope();
        }

        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(step);
            TensorFormat.Write(writer, exp_avg);
            TensorFormat.Write(writer, exp_avg_sq);
            writer.Write(Largest is not null);
            if (Largest is not null) TensorFormat.Write(writer, Largest);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            step = reader.ReadInt64();
            exp_avg = Read(reader, nameof(exp_avg));
            exp_avg_sq = Read(reader, nameof(exp_avg_sq));
            max_exp_avg_sq = reader.ReadBoolean() ? Read(reader, nameof(max_exp_avg_sq)) : null;
        }

        public override void LoadStateDict(OptimizerState source)
        {
            var given = Fitting<State>(source);
            Check(given.Mean);
            Check(given.Square);
            Check(given.Largest);
            step = given.step;
            Put(ref Mean, Copy(given.Mean));
            Put(ref Square, Copy(given.Square));
            Put(ref Largest, Copy(given.Largest));
        }

        public override bool ApproximatelyEquals(OptimizerState other) =>
            other is State given && step == given.step && Near(exp_avg, given.exp_avg) && Near(exp_avg_sq, given.exp_avg_sq) && Near(Largest, given.Largest);

        public override void Initialize(OptimizerOptions options)
        {
            step = 0;
            Dispose();
            (Mean, Square, Largest) = (null, null, null);
        }

        public override void to(Device device)
        {
            Put(ref Mean, Mean?.to(device).DetachFromDisposeScope());
            Put(ref Square, Square?.to(device).DetachFromDisposeScope());
            Put(ref Largest, Largest?.to(device).DetachFromDisposeScope());
        }

        public void Dispose()
        {
            Mean?.Dispose();
            Square?.Dispose();
            Largest?.Dispose();
        }
    }
}
