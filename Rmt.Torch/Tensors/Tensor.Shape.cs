using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor view(params long[] shape) => Own(NativeMethods.rmt_view(NativeHandle, shape, shape.Length));
        public Tensor reshape(params long[] shape) => Own(NativeMethods.rmt_reshape(NativeHandle, shape, shape.Length));
        public Tensor expand(long[] sizes, bool isImplicit = false) => Own(NativeMethods.rmt_expand(NativeHandle, sizes, sizes.Length));
        public Tensor expand(params long[] sizes) => expand(sizes, false);
        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => Own(NativeMethods.rmt_expand(NativeHandle, sizes, sizes.Length));
        public Tensor expand(Size sizes, bool isImplicit = false) => expand(sizes.Shape, isImplicit);
        public Tensor expand_as(Tensor other) => expand(other.shape);
        public Tensor permute(params long[] permutation) => Own(NativeMethods.rmt_permute(NativeHandle, permutation, permutation.Length));
        public Tensor permute(IEnumerable<long> permutation) => permute(permutation.ToArray());
        public Tensor transpose(long dim0, long dim1) => Own(NativeMethods.rmt_transpose(NativeHandle, dim0, dim1));
        /// <exception cref="ArgumentException">More than two dimensions.</exception>
        public Tensor t() => ndim switch
        {
            <= 1 => alias(),
            2 => transpose(0, 1),
            var n => throw new ArgumentException($"t() turns a matrix; this tensor has {n} dimensions: use transpose or mT"),
        };

        public Tensor T => permute(Enumerable.Range(0, (int)ndim).Reverse().Select(d => (long)d));
        public Tensor mT => transpose(-2, -1);

        /// <summary>The matrix turned, complex numbers conjugated.</summary>
        public Tensor H
        {
            get
            {
                var turned = transpose(0, 1);
                if (dtype is not (ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64)) return turned;
                using (turned) return turned.Apply(Unary.conj_physical);
            }
        }

        public Tensor contiguous() => Own(NativeMethods.rmt_contiguous(NativeHandle));
        public Tensor unsqueeze(long dim) => Own(NativeMethods.rmt_unsqueeze(NativeHandle, dim));
        public Tensor squeeze(long? dim = null) =>
            Own(dim is { } d ? NativeMethods.rmt_squeeze_dim(NativeHandle, d) : NativeMethods.rmt_squeeze(NativeHandle));
        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Own(NativeMethods.rmt_flatten(NativeHandle, start_dim, end_dim));

        public Tensor unflatten(long dim, params long[] sizes)
        {
            var old = shape;
            var at = (int)(dim < 0 ? dim + old.Length : dim);
            return view([.. old[..at], .. sizes, .. old[(at + 1)..]]);
        }

        public Tensor narrow(long dim, long start, long length) => Own(NativeMethods.rmt_narrow(NativeHandle, dim, start, length));
        public Tensor select(long dim, long index) => Own(NativeMethods.rmt_select(NativeHandle, dim, index));
        public Tensor slice(long dim, long start, long finish, long step) => Own(NativeMethods.rmt_slice(NativeHandle, dim, start, finish, step));

        public Tensor[] split(long size, int dim = 0)
        {
            var length = this.size(dim);
            if (size <= 0) throw new ArgumentOutOfRangeException(nameof(size), size, "parts have at least one element");
            var sizes = new List<long>();
            for (var at = 0L; at < length; at += size) sizes.Add(Math.Min(size, length - at));
            return split(length == 0 ? [0] : sizes.ToArray(), dim);
        }

        public Tensor[] split(long[] sizes, long dim = 0)
        {
            var parts = new IntPtr[sizes.Length];
            ErrorSlot.Check(NativeMethods.rmt_split(NativeHandle, sizes, sizes.Length, dim, parts));
            return Array.ConvertAll(parts, Own);
        }

        public Tensor[] chunk(long chunks, long dim = 0)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(chunks, 1);
            var length = size((int)dim);
            if (length == 0) return split(new long[chunks], dim);      // as many as asked for, as in PyTorch
            return split(Math.Max(1, (length + chunks - 1) / chunks), (int)dim);
        }

        public Tensor[] unbind(long dimension = 0)
        {
            var parts = new IntPtr[size((int)dimension)];
            ErrorSlot.Check(NativeMethods.rmt_unbind(NativeHandle, dimension, parts, parts.Length));
            return Array.ConvertAll(parts, Own);
        }

        public Tensor unfold(long dimension, long size, long step) => Own(NativeMethods.rmt_unfold(NativeHandle, dimension, size, step));
        public Tensor repeat(params long[] sizes) => Own(NativeMethods.rmt_repeat(NativeHandle, sizes, sizes.Length));
        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            Own(NativeMethods.rmt_repeat_interleave(NativeHandle, repeats, dim ?? 0, dim is null ? 0 : 1));
        /// <summary>Without a dimension, all elements in their order go round as one row.</summary>
        public Tensor roll(long shifts, long? dims = null) => roll([shifts], dims is { } dim ? [dim] : []);
        public Tensor roll((long, long) shifts, (long, long) dims) => roll([shifts.Item1, shifts.Item2], [dims.Item1, dims.Item2]);
        public Tensor roll(long[] shifts, long[] dims) => Own(NativeMethods.rmt_roll(NativeHandle, shifts, shifts.Length, dims, dims.Length));
        public Tensor flip(params long[] dims) => Own(NativeMethods.rmt_flip(NativeHandle, dims, dims.Length));
        public Tensor alias() => Own(NativeMethods.rmt_alias(NativeHandle));
        public Tensor clone() => Own(NativeMethods.rmt_clone(NativeHandle));
    }
}
