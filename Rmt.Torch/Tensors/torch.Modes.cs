using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Switches gradients on this thread and puts the old setting back when disposed.</summary>
    private sealed class GradMode : IDisposable
    {
        private readonly bool before = is_grad_enabled();
        private bool ended;

        internal GradMode(bool enabled) => NativeMethods.rmt_set_grad_enabled(enabled ? 1 : 0);

        public void Dispose()
        {
            if (!ended) NativeMethods.rmt_set_grad_enabled(before ? 1 : 0);
            ended = true;
        }
    }

    private sealed class InferenceMode : IDisposable
    {
        private IntPtr guard;

        internal InferenceMode(bool enabled) => guard = ErrorSlot.Check(NativeMethods.rmt_inference_mode_enter(enabled ? 1 : 0));

        public void Dispose()
        {
            if (guard != IntPtr.Zero) NativeMethods.rmt_inference_mode_leave(guard);
            guard = IntPtr.Zero;
        }
    }

    public static IDisposable no_grad() => new GradMode(false);
    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);
    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);
    public static bool is_grad_enabled() => NativeMethods.rmt_is_grad_enabled() != 0;
    public static bool is_inference_mode_enabled() => NativeMethods.rmt_is_inference_mode() != 0;

    /// <summary>Threads one operation may use on the CPU.</summary>
    public static void set_num_threads(int num)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(num, 1);
        ErrorSlot.Check(NativeMethods.rmt_set_num_threads(num));
    }

    public static int get_num_threads() => NativeMethods.rmt_get_num_threads();

    /// <summary>Version of libtorch.</summary>
    public static string __version__ => Marshal.PtrToStringUTF8(NativeMethods.rmt_version())!;

    public enum Float32MatmulPrecision { highest, high, medium }

    public static void set_float32_matmul_precision(Float32MatmulPrecision precision) =>
        ErrorSlot.Check(NativeMethods.rmt_set_float32_matmul_precision(precision.ToString()));

    public static class cuda
    {
        public static bool is_available() => device_count() > 0;
        public static bool is_cudnn_available() => NativeMethods.rmt_cuda_is_cudnn_available() != 0;
        public static int device_count() => NativeMethods.rmt_cuda_device_count();

        /// <summary>Seeds the first device. Without one nothing happens.</summary>
        public static void manual_seed(long seed) => Seed(seed, Math.Min(1, device_count()));

        /// <summary>Seeds every device.</summary>
        public static void manual_seed_all(long seed) => Seed(seed, device_count());

        private static void Seed(long seed, int devices)
        {
            for (var i = 0; i < devices; i++)
            {
                using var generator = Generator.DefaultOf(new Device(DeviceType.CUDA, i));
                _ = generator.manual_seed(seed);
            }
        }

        /// <summary>Waits until the device has done everything it was given.</summary>
        public static void synchronize(Device? device = null) => ErrorSlot.Check(NativeMethods.rmt_cuda_synchronize(device?.index ?? -1));
    }

    public static class backends
    {
        public static class cuda
        {
            public static class matmul
            {
                public static bool allow_tf32 { get => Read("allow_tf32_cublas"); set => Write("allow_tf32_cublas", value); }
                public static bool allow_fp16_reduced_precision_reduction
                {
                    get => Read("allow_fp16_reduced_precision_reduction");
                    set => Write("allow_fp16_reduced_precision_reduction", value);
                }
            }

            public static bool flash_sdp_enabled() => Read("flash_sdp");
            public static void enable_flash_sdp(bool enabled) => Write("flash_sdp", enabled);
            public static bool math_sdp_enabled() => Read("math_sdp");
            public static void enable_math_sdp(bool enabled) => Write("math_sdp", enabled);
        }

        public static class cudnn
        {
            public static bool allow_tf32 { get => Read("allow_tf32_cudnn"); set => Write("allow_tf32_cudnn", value); }
        }

        internal static bool Read(string name) => NativeMethods.rmt_get_switch(name) switch
        {
            0 => false,
            1 => true,
            _ => throw new NotSupportedException($"libtorch {__version__} has no switch {name}"),
        };

        internal static void Write(string name, bool value)
        {
            _ = Read(name);         // throws where there is none
            ErrorSlot.Check(NativeMethods.rmt_set_switch(name, value ? 1 : 0));
        }
    }

    public static partial class autograd
    {
        /// <summary>Adds the gradients of <paramref name="tensors"/> to the leaves they were computed from, or to <paramref name="inputs"/> alone.</summary>
        public static void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            using var roots = new TensorAddresses(tensors.ToArray());
            using var grads = new TensorAddresses(grad_tensors?.ToArray() ?? []);
            using var wanted = new TensorAddresses(inputs?.ToArray() ?? []);
            if (grad_tensors is not null && grads.Count != roots.Count)
                throw new ArgumentException($"{roots.Count} tensors, but {grads.Count} gradients", nameof(grad_tensors));
            ErrorSlot.Check(NativeMethods.rmt_backward(roots.Addresses, grad_tensors is null ? default : grads.Addresses, roots.Count,
                (retain_graph ?? create_graph) ? 1 : 0, create_graph ? 1 : 0, wanted.Addresses, wanted.Count));
        }

        /// <summary>The gradients of <paramref name="outputs"/> with respect to <paramref name="inputs"/>; the leaves stay as they are.</summary>
        /// <remarks>A gradient that has a graph needs the graph it came from: <paramref name="create_graph"/> retains it.</remarks>
        public static IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            using var roots = new TensorAddresses(outputs.ToArray());
            using var wanted = new TensorAddresses(inputs.ToArray());
            using var grads = new TensorAddresses(grad_outputs?.ToArray() ?? []);
            if (grad_outputs is not null && grads.Count != roots.Count)
                throw new ArgumentException($"{roots.Count} tensors, but {grads.Count} gradients", nameof(grad_outputs));
            var results = new IntPtr[wanted.Count];
            ErrorSlot.Check(NativeMethods.rmt_autograd_grad(roots.Addresses, grad_outputs is null ? default : grads.Addresses, roots.Count,
                wanted.Addresses, wanted.Count, retain_graph || create_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, results));
            return Array.ConvertAll(results, result => Tensor.OwnOrNull(result)!);
        }
    }
}
