using System.Globalization;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>New weights as PyTorch draws them: uniform in ± 1 / √in.</summary>
        public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null)
        {
            using var scope = NewDisposeScope();
            var bound = inputSize > 0 ? 1 / Math.Sqrt(inputSize) : 0;
            var weight = Parameter(init.uniform_(empty([outputSize, inputSize], dtype, device), -bound, bound));
            return new(weight, hasBias ? Parameter(init.uniform_(empty([outputSize], dtype, device), -bound, bound)) : null);
        }

        public static Linear Linear(Parameter weight, Parameter? bias = null) => new(weight, bias);

        /// <summary>New rows from N(0, 1); the padding row is zero and stays it.</summary>
        /// <remarks>A row that is read while it is longer than <paramref name="max_norm"/> in the norm <paramref name="norm_type"/> is shortened to it, in the table.</remarks>
        public static Embedding Embedding(long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0,
            bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
        {
            using var scope = NewDisposeScope();
            var rows = randn([num_embeddings, embedding_dims], dtype, device);
            var padding = Row(padding_idx, num_embeddings);
            if (padding >= 0) _ = rows[padding].zero_();
            return new(Parameter(rows), padding, max_norm, norm_type, scale_grad_by_freq, sparse);
        }

        public static Embedding Embedding_from_pretrained(Tensor embeddings, bool freeze = true, long? padding_idx = null, double? max_norm = null,
            double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false)
        {
            // A parameter takes over the tensor it is given; this one is the caller's.
            return new(Parameter(embeddings.alias(), requires_grad: !freeze), Row(padding_idx, embeddings.size(0)), max_norm, norm_type, scale_grad_by_freq, sparse);
        }

        // libtorch's number for "no padding" is -1, which the caller may mean as the last row.
        private static long Row(long? padding_idx, long rows)
        {
            if (padding_idx is not { } given) return -1;
            if (given < -rows || given >= rows) throw new ArgumentOutOfRangeException(nameof(padding_idx), given, $"the table has {rows} rows");
            return given < 0 ? given + rows : given;
        }

        public static LayerNorm LayerNorm(long[] normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null)
        {
            using var scope = NewDisposeScope();
            return new(normalized_shape, eps, elementwise_affine ? Parameter(ones(normalized_shape, dtype, device)) : null,
                elementwise_affine && bias ? Parameter(zeros(normalized_shape, dtype, device)) : null);
        }

        public static LayerNorm LayerNorm(long normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
            LayerNorm([normalized_shape], eps, elementwise_affine, bias, device, dtype);

        /// <exception cref="ArgumentOutOfRangeException">p is no probability.</exception>
        public static Dropout Dropout(double p = 0.5, bool inplace = false)
        {
            if (p is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(p), p, "a probability lies between 0 and 1");
            return new(p, inplace);
        }

        public static GELU GELU() => new();
        public static Tanh Tanh() => new();
        public static ReLU ReLU(bool inplace = false) => new(inplace);
        public static Identity Identity() => new();
        public static CrossEntropyLoss CrossEntropyLoss(Tensor? weight = null, long? ignore_index = null, Reduction reduction = Reduction.Mean) => new(weight, ignore_index, reduction);
        public static ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);
        public static ModuleDict<T> ModuleDict<T>(params (string, T)[] modules) where T : Module => new(modules);
        public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) =>
            new(modules.Select((module, i) => (i.ToString(CultureInfo.InvariantCulture), module)));
        public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) => new(modules);

        /// <summary>First values of parameters, in place and without gradients.</summary>
        public static partial class init
        {
            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator? generator = null)
            {
                using var mode = no_grad();
                Interop.ErrorSlot.Check(Interop.NativeMethods.rmt_normal_(tensor.NativeHandle, mean, std, Generator.HandleOrNone(generator)));
                return tensor;
            }

            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator? generator = null)
            {
                using var mode = no_grad();
                Interop.ErrorSlot.Check(Interop.NativeMethods.rmt_uniform_(tensor.NativeHandle, low, high, Generator.HandleOrNone(generator)));
                return tensor;
            }

            public static Tensor zeros_(Tensor tensor) => constant_(tensor, 0);

            public static Tensor ones_(Tensor tensor) => constant_(tensor, 1);

            public static Tensor constant_(Tensor tensor, Scalar val)
            {
                using var mode = no_grad();
                return tensor.fill_(val);
            }
        }
    }
}
