using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static class utils
        {
            /// <summary>Scales all gradients together so that their norm is at most <paramref name="max_norm"/>.</summary>
            /// <returns>The norm they had. To answer it, a GPU has to be waited for.</returns>
            public static double clip_grad_norm_(IEnumerable<Parameter> parameters, double max_norm, double norm_type = 2.0)
            {
                using var held = new TensorAddresses(parameters.ToArray());
                ErrorSlot.Check(NativeMethods.rmt_clip_grad_norm_(held.Addresses, held.Count, max_norm, norm_type, out var total));
                return total;
            }

            /// <summary>Brings every element of every gradient into ± <paramref name="clip_value"/>.</summary>
            public static void clip_grad_value_(IEnumerable<Parameter> parameters, double clip_value)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(clip_value);
                using var held = new TensorAddresses(parameters.ToArray());
                ErrorSlot.Check(NativeMethods.rmt_clip_grad_value_(held.Addresses, held.Count, clip_value));
            }
        }
    }
}
