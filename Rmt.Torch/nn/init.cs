namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class init
        {
            /// <summary>Which side of a weight [out, in] keeps its variance.</summary>
            public enum FanInOut { FanIn = 0, FanOut = 1 }

            /// <summary>What follows a layer, for <see cref="calculate_gain"/>.</summary>
            public enum NonlinearityType
            {
                Linear = 0, Conv1D = 1, Conv2D = 2, Conv3D = 3, ConvTranspose1D = 4, ConvTranspose2D = 5, ConvTranspose3D = 6,
                Sigmoid = 7, Tanh = 8, ReLU = 9, LeakyReLU = 10,
            }

            /// <summary>By how much a nonlinearity shrinks what passes through it.</summary>
            /// <param name="nonlinearity">Which.</param>
            /// <param name="param">The slope of a leaky ReLU below zero.</param>
            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0.0) => nonlinearity switch
            {
                NonlinearityType.Tanh => 5.0 / 3,
                NonlinearityType.ReLU => Math.Sqrt(2),
                NonlinearityType.LeakyReLU => Math.Sqrt(2 / (1 + (param * param))),
                _ => 1,
            };

            /// <summary>Uniform, with the variance 2 gain² / (in + out). (Glorot and Bengio 2010.)</summary>
            /// <exception cref="ArgumentException">Fewer than two dimensions.</exception>
            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1.0)
            {
                var (fanIn, fanOut) = Fans(tensor);
                var bound = gain * Math.Sqrt(6.0 / (fanIn + fanOut));
                return uniform_(tensor, -bound, bound);
            }

            /// <summary>Uniform, with the variance gain² / fan. (He et al. 2015.)</summary>
            /// <exception cref="ArgumentException">Fewer than two dimensions.</exception>
            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                var (fanIn, fanOut) = Fans(tensor);
                var bound = calculate_gain(nonlinearity, a) * Math.Sqrt(3.0 / (mode == FanInOut.FanIn ? fanIn : fanOut));
                return uniform_(tensor, -bound, bound);
            }

            /// <summary>Normal, with the variance 2 gain² / (in + out).</summary>
            /// <exception cref="ArgumentException">Fewer than two dimensions.</exception>
            public static Tensor xavier_normal_(Tensor tensor, double gain = 1.0)
            {
                var (fanIn, fanOut) = Fans(tensor);
                return normal_(tensor, 0, gain * Math.Sqrt(2.0 / (fanIn + fanOut)));
            }

            /// <summary>Normal, with the variance gain² / fan.</summary>
            /// <exception cref="ArgumentException">Fewer than two dimensions.</exception>
            public static Tensor kaiming_normal_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                var (fanIn, fanOut) = Fans(tensor);
                return normal_(tensor, 0, calculate_gain(nonlinearity, a) / Math.Sqrt(mode == FanInOut.FanIn ? fanIn : fanOut));
            }

            /// <summary>Normal, but nothing outside [<paramref name="a"/>, <paramref name="b"/>], as if what falls there were drawn again.</summary>
            /// <remarks>One uniform number an element, put through the inverse of the normal distribution's sum function between its values at the two ends.</remarks>
            public static Tensor trunc_normal_(Tensor tensor, double mean = 0.0, double std = 1.0, double a = -2.0, double b = 2.0, Generator? generator = null)
            {
                if (!(a <= b)) throw new ArgumentException($"the lower end {a} lies above the upper end {b}", nameof(a));
                using var mode = no_grad();
                using var ends = torch.tensor(new[] { (a - mean) / std, (b - mean) / std }, device: CPU) / Math.Sqrt(2);
                using var erf = ends.erf();         // 2 Φ − 1
                // In half precision one uniform number in hundreds is ± 1, whose inverse has no end.
                using var drawn = empty(tensor.shape, tensor.dtype == float64 ? float64 : float32, tensor.device);
                _ = uniform_(drawn, erf[0].ToDouble(), erf[1].ToDouble(), generator);
                Interop.ErrorSlot.Check(Interop.NativeMethods.rmt_unary_((int)Interop.Unary.erfinv, drawn.NativeHandle));
                _ = drawn.mul_(std * Math.Sqrt(2)).add_(mean);
                using var inside = drawn.clamp(a, b);       // what rounding put outside
                _ = tensor.copy_(inside);
                return tensor;
            }

            private static (long In, long Out) Fans(Tensor tensor)
            {
                var sizes = tensor.shape;
                if (sizes.Length < 2) throw new ArgumentException($"a weight [out, in, …] is expected, this is [{string.Join(", ", sizes)}]", nameof(tensor));
                var field = sizes.Skip(2).Aggregate(1L, (product, size) => product * size);
                return (sizes[1] * field, sizes[0] * field);
            }
        }
    }
}
