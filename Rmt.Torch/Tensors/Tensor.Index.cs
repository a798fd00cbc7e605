using System.Runtime.CompilerServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get
            {
                using var held = Hold(indices);
                return Own(NativeMethods.rmt_index_get(NativeHandle, Native(indices, held), indices.Length));
            }
            set
            {
                using var held = Hold(indices);
                ErrorSlot.Check(NativeMethods.rmt_index_put_(NativeHandle, Native(indices, held), indices.Length, value.NativeHandle));
            }
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => this[Array.ConvertAll(indices, TensorIndex.Tensor)];
            set => this[Array.ConvertAll(indices, TensorIndex.Tensor)] = value;
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i]
        {
            get => select(0, i);
            set => this[TensorIndex.Single(i)] = value;
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i, long j]
        {
            get => this[TensorIndex.Single(i), TensorIndex.Single(j)];
            set => this[TensorIndex.Single(i), TensorIndex.Single(j)] = value;
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i, long j, long k]
        {
            get => this[TensorIndex.Single(i), TensorIndex.Single(j), TensorIndex.Single(k)];
            set => this[TensorIndex.Single(i), TensorIndex.Single(j), TensorIndex.Single(k)] = value;
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i, long j, long k, long l]
        {
            get => this[TensorIndex.Single(i), TensorIndex.Single(j), TensorIndex.Single(k), TensorIndex.Single(l)];
            set => this[TensorIndex.Single(i), TensorIndex.Single(j), TensorIndex.Single(k), TensorIndex.Single(l)] = value;
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i, long j, long k, long l, long m]
        {
            get => this[TensorIndex.Single(i), TensorIndex.Single(j), TensorIndex.Single(k), TensorIndex.Single(l), TensorIndex.Single(m)];
            set => this[TensorIndex.Single(i), TensorIndex.Single(j), TensorIndex.Single(k), TensorIndex.Single(l), TensorIndex.Single(m)] = value;
        }

        /// <summary>An array of numbers is a place; rows are chosen by a tensor of numbers.</summary>
        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices]
        {
            get => this[Array.ConvertAll(indices, i => TensorIndex.Single(i))];
            set => this[Array.ConvertAll(indices, i => TensorIndex.Single(i))] = value;
        }

        private static TensorAddresses Hold(TensorIndex[] indices) => new(Array.ConvertAll(indices, index => index.Tensors));

        private static NativeIndex[] Native(TensorIndex[] indices, in TensorAddresses held)
        {
            var native = new NativeIndex[indices.Length];
            for (var i = 0; i < indices.Length; i++) native[i] = indices[i].Native(held.Addresses[i]);
            return native;
        }

        public Tensor index(params TensorIndex[] indices) => this[indices];

        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            this[indices] = value;
            return this;
        }

        public Tensor masked_fill(Tensor mask, Scalar value) => Own(NativeMethods.rmt_masked_fill(NativeHandle, mask.NativeHandle, value.Value));

        public Tensor masked_fill_(Tensor mask, Scalar value)
        {
            ErrorSlot.Check(NativeMethods.rmt_masked_fill_(NativeHandle, mask.NativeHandle, value.Value));
            return this;
        }

        public Tensor masked_select(Tensor mask) => Own(NativeMethods.rmt_masked_select(NativeHandle, mask.NativeHandle));
        public Tensor where(Tensor condition, Tensor y) => Own(NativeMethods.rmt_where(condition.NativeHandle, NativeHandle, y.NativeHandle));
        public Tensor gather(long dim, Tensor index) => Own(NativeMethods.rmt_gather(NativeHandle, dim, index.NativeHandle));
        public Tensor scatter(long dim, Tensor index, Tensor src) => Own(NativeMethods.rmt_scatter(NativeHandle, dim, index.NativeHandle, src.NativeHandle, 0));
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Own(NativeMethods.rmt_scatter(NativeHandle, dim, index.NativeHandle, src.NativeHandle, 1));
        public Tensor index_select(long dim, Tensor index) => Own(NativeMethods.rmt_index_select(NativeHandle, dim, index.NativeHandle));
        public Tensor index_copy(long dim, Tensor index, Tensor source) => Own(NativeMethods.rmt_index_copy(NativeHandle, dim, index.NativeHandle, source.NativeHandle));
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Own(NativeMethods.rmt_index_add(NativeHandle, dim, index.NativeHandle, source.NativeHandle, alpha.Value));
        public Tensor nonzero() => Own(NativeMethods.rmt_nonzero(NativeHandle));
        public Tensor tril(long diagonal = 0) => Own(NativeMethods.rmt_tri(NativeHandle, diagonal, 0));
        public Tensor triu(long diagonal = 0) => Own(NativeMethods.rmt_tri(NativeHandle, diagonal, 1));
        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) =>
            Own(NativeMethods.rmt_multinomial(NativeHandle, num_samples, replacement ? 1 : 0, Generator.HandleOrNone(generator)));
    }
}
