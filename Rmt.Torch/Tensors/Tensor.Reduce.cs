using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private Tensor Apply(Reduce op, ReadOnlySpan<long> dims = default, bool keepdim = false, ScalarType? type = null) =>
            Own(NativeMethods.rmt_reduce((int)op, NativeHandle, dims, dims.Length, keepdim ? 1 : 0, Code(type)));

        public Tensor sum(ScalarType? type = null) => Apply(Reduce.sum, type: type);
        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => Apply(Reduce.sum, [dim], keepdim, type);
        // The constant 0 is a ScalarType too, and sum(0) would be the sum of all, as bytes, without this overload.
        public Tensor sum(int dim, bool keepdim = false, ScalarType? type = null) => sum((long)dim, keepdim, type);
        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => Apply(Reduce.sum, dim, keepdim, type);
        public Tensor mean() => Apply(Reduce.mean);
        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) => Apply(Reduce.mean, dimensions, keepdim, type);
        public Tensor std(bool unbiased = true) => std([], unbiased);
        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std([dim], unbiased, keepdim, type);
        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Typed(Apply(unbiased ? Reduce.std : Reduce.std_biased, dimensions, keepdim), type);
        public Tensor var(bool unbiased = true) => var([], unbiased);
        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var([dim], unbiased, keepdim, type);
        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Typed(Apply(unbiased ? Reduce.var : Reduce.var_biased, dimensions, keepdim), type);
        private static Tensor Typed(Tensor result, ScalarType? type) => type is { } asked && asked != result.dtype ? result.to(asked, disposeAfter: true) : result;

        public Tensor amax(params long[] dims) => Apply(Reduce.amax, dims);
        public Tensor amax(long[] dims, bool keepdim) => Apply(Reduce.amax, dims, keepdim);
        public Tensor amin(params long[] dims) => Apply(Reduce.amin, dims);
        public Tensor amin(long[] dims, bool keepdim) => Apply(Reduce.amin, dims, keepdim);
        public Tensor logsumexp(long dim, bool keepdim = false) => Apply(Reduce.logsumexp, [dim], keepdim);
        public Tensor all() => Apply(Reduce.all);
        public Tensor all(long dim, bool keepdim = false) => Apply(Reduce.all, [dim], keepdim);
        public Tensor any() => Apply(Reduce.any);
        public Tensor any(long dim, bool keepdim = false) => Apply(Reduce.any, [dim], keepdim);
        public Tensor max() => Apply(Reduce.amax);
        public Tensor min() => Apply(Reduce.amin);
        public Tensor norm(float p = 2.0f) => Own(NativeMethods.rmt_norm(NativeHandle, p));
        public Tensor cumsum(long dim, ScalarType? type = null) => Own(NativeMethods.rmt_cumsum(NativeHandle, dim, Code(type)));

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => Extreme(dim, keepdim, smallest: false);
        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => Extreme(dim, keepdim, smallest: true);

        private (Tensor, Tensor) Extreme(long dim, bool keepdim, bool smallest)
        {
            ErrorSlot.Check(NativeMethods.rmt_max(NativeHandle, dim, keepdim ? 1 : 0, smallest ? 1 : 0, out var values, out var indexes));
            return (Own(values), Own(indexes));
        }

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true)
        {
            ErrorSlot.Check(NativeMethods.rmt_topk(NativeHandle, k, dim, largest ? 1 : 0, sorted ? 1 : 0, out var values, out var indexes));
            return (Own(values), Own(indexes));
        }

        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false)
        {
            ErrorSlot.Check(NativeMethods.rmt_sort(NativeHandle, dim, descending ? 1 : 0, stable ? 1 : 0, out var values, out var indexes));
            return (Own(values), Own(indexes));
        }

        public Tensor argmax() => Own(NativeMethods.rmt_arg(NativeHandle, 0, 0, 0, 0));
        public Tensor argmax(long dim, bool keepdim = false) => Own(NativeMethods.rmt_arg(NativeHandle, 0, dim, 1, keepdim ? 1 : 0));
        public Tensor argmin() => Own(NativeMethods.rmt_arg(NativeHandle, 1, 0, 0, 0));
        public Tensor argmin(long dim, bool keepdim = false) => Own(NativeMethods.rmt_arg(NativeHandle, 1, dim, 1, keepdim ? 1 : 0));
    }
}
