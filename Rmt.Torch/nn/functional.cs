using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static class functional
        {
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) =>
                Tensor.Own(NativeMethods.rmt_linear(input.NativeHandle, weights.NativeHandle, Tensor.HandleOrNone(bias)));

            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05) =>
                Tensor.Own(NativeMethods.rmt_layer_norm(input.NativeHandle, normalized_shape, normalized_shape.Length, Tensor.HandleOrNone(weight), Tensor.HandleOrNone(bias), eps));

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false)
            {
                if (!inplace) return Tensor.Own(NativeMethods.rmt_dropout(input.NativeHandle, p, training ? 1 : 0));
                ErrorSlot.Check(NativeMethods.rmt_dropout_(input.NativeHandle, p, training ? 1 : 0));
                return input;
            }

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);
            public static Tensor log_softmax(Tensor input, long dim, ScalarType? dtype = null) => input.log_softmax(dim, dtype);
            public static Tensor relu(Tensor input, bool inplace = false) => inplace ? input.relu_() : input.relu();
            public static Tensor tanh(Tensor input) => input.tanh();
            public static Tensor silu(Tensor input) => input.silu();
            public static Tensor gelu(Tensor x, bool inplace = false)
            {
                if (!inplace) return x.gelu();
                using var result = x.gelu();
                return x.copy_(result);
            }

            /// <param name="query">[…, L, d]</param>
            /// <param name="key">[…, S, d]</param>
            /// <param name="value">[…, S, e]</param>
            /// <param name="attn_mask">[…, L, S]: where a bool mask is true a key is seen; another type is added to the scores.</param>
            /// <param name="p">Dropout of the weights.</param>
            /// <param name="is_casual">Each query sees the keys up to its own place. (The name is TorchSharp's.)</param>
            /// <returns>[…, L, e]</returns>
            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0.0, bool is_casual = false) =>
                Tensor.Own(NativeMethods.rmt_attention(query.NativeHandle, key.NativeHandle, value.NativeHandle, Tensor.HandleOrNone(attn_mask), p, is_casual ? 1 : 0));

            public static Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0.0) =>
                Tensor.Own(NativeMethods.rmt_cross_entropy(input.NativeHandle, target.NativeHandle, Tensor.HandleOrNone(weight), (int)reduction, ignore_index, label_smoothing));

            public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                Tensor.Own(NativeMethods.rmt_nll_loss(input.NativeHandle, target.NativeHandle, Tensor.HandleOrNone(weight), (int)reduction, -100));

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                Tensor.Own(NativeMethods.rmt_mse_loss(input.NativeHandle, target.NativeHandle, (int)reduction));

            public static Tensor binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) =>
                Tensor.Own(NativeMethods.rmt_bce_with_logits(input.NativeHandle, target.NativeHandle, Tensor.HandleOrNone(weight), Tensor.HandleOrNone(pos_weights), (int)reduction));

            public static Tensor one_hot(Tensor x, long num_classes = -1) => Tensor.Own(NativeMethods.rmt_one_hot(x.NativeHandle, num_classes));

            /// <summary>By pairs of numbers of cells, before and behind, from the last dimension on.</summary>
            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, pad.AsSpan(), mode, value);

            public static Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                Tensor.Own(NativeMethods.rmt_pad(input.NativeHandle, pad, pad.Length, mode.ToString().ToLowerInvariant(), value));

            /// <summary>The last dimension, before it and behind it.</summary>
            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, [pad.Item1, pad.Item2], mode, value);

            /// <summary>The last dimension, then the one before it.</summary>
            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, [pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);

            /// <summary>The last two dimensions, as much on all sides.</summary>
            public static Tensor pad(Tensor input, long pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, [pad, pad, pad, pad], mode, value);
        }
    }
}

/// <summary>What stands in the cells that padding adds.</summary>
public enum PaddingModes { Constant, Reflect, Replicate, Circular }
