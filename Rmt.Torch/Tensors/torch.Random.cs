using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A source of random numbers.</summary>
    public sealed class Generator : IDisposable
    {
        private readonly GeneratorHandle handle;

        public Generator(ulong seed = 0, Device? device = null)
            : this(new GeneratorHandle(ErrorSlot.Check(NativeMethods.rmt_generator_new(seed, (int)(device ?? CPU).type, (device ?? CPU).index))), device ?? CPU) { }

        private Generator(GeneratorHandle handle, Device device) => (this.handle, this.device) = (handle, device);

        public Device device { get; }

        /// <summary>The one a device uses where none is named.</summary>
        public static Generator Default => DefaultOf(CPU);

        internal static Generator DefaultOf(Device device) =>
            new(new GeneratorHandle(ErrorSlot.Check(NativeMethods.rmt_generator_default((int)device.type, device.index))), device);

        internal static GeneratorHandle HandleOrNone(Generator? generator) => generator?.handle ?? GeneratorHandle.None;

        public Generator manual_seed(long seed)
        {
            ErrorSlot.Check(NativeMethods.rmt_generator_manual_seed(handle, unchecked((ulong)seed)));
            return this;
        }

        public long initial_seed()
        {
            ErrorSlot.Check(NativeMethods.rmt_generator_initial_seed(handle, out var seed));
            return unchecked((long)seed);
        }

        public Tensor get_state() => Tensor.Own(NativeMethods.rmt_generator_get_state(handle));

        public void set_state(Tensor value) => ErrorSlot.Check(NativeMethods.rmt_generator_set_state(handle, value.NativeHandle));

        public void Dispose() => handle.Dispose();
    }

    /// <summary>Seeds the default generators of all devices.</summary>
    public static Generator manual_seed(long seed)
    {
        ErrorSlot.Check(NativeMethods.rmt_manual_seed(unchecked((ulong)seed)));
        return Generator.Default;
    }

    public static class random
    {
        public static Generator manual_seed(long seed) => torch.manual_seed(seed);

        /// <summary>Seeds all devices by chance.</summary>
        /// <returns>The seed.</returns>
        public static long seed()
        {
            var seed = BitConverter.ToInt64(System.Security.Cryptography.RandomNumberGenerator.GetBytes(sizeof(long)));
            _ = torch.manual_seed(seed);
            return seed;
        }

        public static long initial_seed()
        {
            using var generator = Generator.Default;
            return generator.initial_seed();
        }

        public static Tensor get_rng_state()
        {
            using var generator = Generator.Default;
            return generator.get_state();
        }

        public static void set_rng_state(Tensor new_state)
        {
            using var generator = Generator.Default;
            generator.set_state(new_state);
        }
    }
}
