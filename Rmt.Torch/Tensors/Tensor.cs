using System.Runtime.CompilerServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A libtorch tensor. Freed by <see cref="Dispose()"/>, by the scope it was made in, or by the collector.</summary>
    public partial class Tensor : IDisposable
    {
        internal Tensor(TensorHandle handle)
        {
            NativeHandle = handle;
            if (DisposeScope.Innermost is { } scope)
            {
                scope.Add(this);
                DisposeScope.Statistics.CreatedInScopeCount++;
            }
            else
            {
                DisposeScope.Statistics.CreatedOutsideScopeCount++;
            }
        }

        internal TensorHandle NativeHandle { get; private protected set; }

        internal DisposeScope? Scope { get; set; }

        internal int ScopeIndex { get; set; }

        /// <summary>A free name for people.</summary>
        public string? name { get; set; }

        /// <summary>Number of native tensors alive in this process.</summary>
        public static long TotalCount => TensorHandle.Live;

        /// <summary>The largest <see cref="TotalCount"/> so far.</summary>
        public static long PeakCount => TensorHandle.Peak;

        /// <summary>Address of the <c>at::Tensor</c>; valid while this object is.</summary>
        /// <exception cref="ObjectDisposedException">The tensor was freed.</exception>
        public IntPtr Handle
        {
            get
            {
                ObjectDisposedException.ThrowIf(IsInvalid, this);
                return NativeHandle.DangerousGetHandle();
            }
        }

        /// <summary>Whether the tensor was freed.</summary>
        public bool IsInvalid => NativeHandle.IsClosed || NativeHandle.IsInvalid;

        /// <summary>Takes over an <c>at::Tensor*</c> made elsewhere.</summary>
        /// <exception cref="ArgumentNullException">The address is null.</exception>
        public static Tensor UnsafeCreateTensor(IntPtr handle) =>
            handle == IntPtr.Zero ? throw new ArgumentNullException(nameof(handle)) : new(new TensorHandle(handle));

        /// <summary>Hands the <c>at::Tensor*</c> over to the caller, who ends it; this object is as if it were freed.</summary>
        /// <exception cref="ObjectDisposedException">The tensor was freed.</exception>
        public IntPtr DecoupleFromNativeHandle()
        {
            var address = Handle;
            MoveTo(null);
            NativeHandle.GiveUp();
            return address;
        }

        internal static Tensor Own(IntPtr tensor) => new(new TensorHandle(ErrorSlot.Check(tensor)));

        internal static Tensor? OwnOrNull(IntPtr tensor) => tensor == IntPtr.Zero ? null : new(new TensorHandle(tensor));

        internal static TensorHandle HandleOrNone(Tensor? tensor) => tensor is null ? TensorHandle.None : tensor.NativeHandle;

        /// <summary>Frees the tensor; its memory goes when nothing else (a view, a graph, a gradient) holds it.</summary>
        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            Scope?.Remove(this);
            NativeHandle.Dispose();
        }

        internal void MoveTo(DisposeScope? scope)
        {
            if (Scope == scope) return;
            scope?.CheckOpen();
            Scope?.Remove(this);
            if (scope is null)
            {
                DisposeScope.Statistics.DetachedFromScopeCount++;
                return;
            }
            scope.Add(this);
            DisposeScope.Statistics.AttachedToScopeCount++;
        }

        /// <summary>Hands the tensor to the scope around its own; without one, to the caller.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            if (Scope is { } scope) MoveTo(scope.OpenOuter);
            return this;
        }

        /// <summary>Takes the tensor out of its scope: the caller frees it.</summary>
        public Tensor DetachFromDisposeScope()
        {
            MoveTo(null);
            return this;
        }

        /// <summary>Hands the tensor to another scope.</summary>
        public Tensor MoveToOtherDisposeScope(DisposeScope scope)
        {
            MoveTo(scope);
            return this;
        }

        /// <summary>Hands the tensor to the scope of another tensor.</summary>
        public Tensor MoveToOtherDisposeScope(Tensor other)
        {
            MoveTo(other.Scope);
            return this;
        }

        public long[] shape
        {
            get
            {
                Span<long> sizes = stackalloc long[8];
                var dimensions = NativeMethods.rmt_sizes(NativeHandle, sizes, sizes.Length);
                if (dimensions <= sizes.Length) return sizes[..dimensions].ToArray();
                var all = new long[dimensions];
                _ = NativeMethods.rmt_sizes(NativeHandle, all, dimensions);
                return all;
            }
        }

        public long[] size() => shape;

        /// <exception cref="ArgumentOutOfRangeException">No such dimension.</exception>
        public long size(int dim)
        {
            var sizes = shape;
            var at = dim < 0 ? dim + sizes.Length : dim;
            if (at < 0 || at >= sizes.Length)
                throw new ArgumentOutOfRangeException(nameof(dim), dim, $"a tensor of {sizes.Length} dimensions has no dimension {dim}");
            return sizes[at];
        }

        public long[] stride()
        {
            var strides = new long[ndim];
            _ = ErrorSlot.Answer(NativeMethods.rmt_strides(NativeHandle, strides, strides.Length));
            return strides;
        }

        public long ndim => NativeMethods.rmt_dim(NativeHandle);
        public long dim() => ndim;
        public long numel() => NativeMethods.rmt_numel(NativeHandle);
        public long element_size() => NativeMethods.rmt_element_size(NativeHandle);
        public long storage_offset() => ErrorSlot.Answer(NativeMethods.rmt_storage_offset(NativeHandle));
        public bool is_contiguous() => ErrorSlot.Answer(NativeMethods.rmt_is_contiguous(NativeHandle)) != 0;

        internal NativeOptions Options => NativeMethods.rmt_tensor_options(NativeHandle);

        public ScalarType dtype => (ScalarType)Options.Type;
        public DeviceType device_type => (DeviceType)Options.Device;
        public int device_index => Options.DeviceIndex;
        public bool is_cuda => device_type == DeviceType.CUDA;
        public bool is_pinned() => ErrorSlot.Answer(NativeMethods.rmt_is_pinned(NativeHandle)) != 0;

        public Device device
        {
            get
            {
                var options = Options;
                return new((DeviceType)options.Device, options.DeviceIndex);
            }
        }

        public override string ToString() =>
            IsInvalid ? "[freed]" : $"[{string.Join("x", shape)}], type = {dtype}, device = {device}";

        /// <summary>Equality of objects; elementwise comparison is <see cref="eq(Tensor)"/> and the operator.</summary>
        public override bool Equals(object? obj) => ReferenceEquals(this, obj);

        public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

        public bool is_leaf => NativeMethods.rmt_is_leaf(NativeHandle) != 0;

        public bool requires_grad
        {
            get => NativeMethods.rmt_requires_grad(NativeHandle) != 0;
            set => ErrorSlot.Check(NativeMethods.rmt_set_requires_grad(NativeHandle, value ? 1 : 0));
        }

        /// <summary>The gradient of a leaf, or of a tensor that retains it; null where there is none.</summary>
        public Tensor? grad
        {
            get
            {
                ErrorSlot.Check(NativeMethods.rmt_grad(NativeHandle, out var gradient));
                return OwnOrNull(gradient);
            }
            set => ErrorSlot.Check(NativeMethods.rmt_set_grad(NativeHandle, HandleOrNone(value)));
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public Tensor retain_grad()
        {
            ErrorSlot.Check(NativeMethods.rmt_retain_grad(NativeHandle));
            return this;
        }

        public Tensor detach() => Own(NativeMethods.rmt_detach(NativeHandle));

        public Tensor detach_()
        {
            ErrorSlot.Check(NativeMethods.rmt_detach_(NativeHandle));
            return this;
        }

        public void backward() => backward(null);

        /// <summary>Adds the gradients of this tensor to the leaves it was computed from.</summary>
        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph || create_graph, create_graph, inputs);
    }
}
