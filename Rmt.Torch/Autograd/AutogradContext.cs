using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>What a function's forward leaves to its backward.</summary>
        public sealed class AutogradContext
        {
            private readonly Dictionary<string, object> data = [];
            private IntPtr native;      // during a callback only
            private int saved;

            internal AutogradContext() { }

            private IntPtr Native => native != IntPtr.Zero ? native
                : throw new InvalidOperationException("a context of a function can be used inside its forward and backward only");

            internal Use Enter(IntPtr pointer) => new(this, pointer);

            internal readonly ref struct Use : IDisposable
            {
                private readonly AutogradContext context;

                internal Use(AutogradContext context, IntPtr pointer) => (this.context, context.native) = (context, pointer);

                public void Dispose() => context.native = IntPtr.Zero;
            }

            /// <summary>Saves inputs and outputs of forward; anything may be null. Once, and by this alone: tensors kept elsewhere can leak a graph.</summary>
            public void save_for_backward(List<Tensor> tensors)
            {
                using var held = new TensorAddresses(tensors);
                ErrorSlot.Check(NativeMethods.rmt_function_save(Native, held.Addresses, held.Count));
                saved = held.Count;
            }

            /// <summary>The saved tensors, in their order.</summary>
            /// <exception cref="TorchException">One was changed in place since, or the graph was freed.</exception>
            public List<Tensor> get_saved_variables()
            {
                var found = new IntPtr[saved];
                ErrorSlot.Check(NativeMethods.rmt_function_saved(Native, found, found.Length));
                return [.. found.Select(tensor => Tensor.OwnOrNull(tensor)!)];
            }

            /// <summary>Keeps what is no tensor for backward.</summary>
            public void save_data(string key, object data)
            {
                if (data is Tensor tensor) tensor.DetachFromDisposeScope();
                this.data[key] = data;
            }

            public object get_data(string key) => data[key];

            /// <summary>Names the inputs that forward changed in place.</summary>
            public void mark_dirty(List<Tensor> tensors) => Mark(tensors, dirty: true);

            /// <summary>Names the outputs that have no gradient.</summary>
            public void mark_non_differentiable(List<Tensor> tensors) => Mark(tensors, dirty: false);

            private void Mark(List<Tensor> tensors, bool dirty)
            {
                using var held = new TensorAddresses(tensors);
                ErrorSlot.Check(NativeMethods.rmt_function_mark(Native, held.Addresses, held.Count, dirty ? 1 : 0));
            }

            /// <summary>Whether a gradient that does not exist reaches backward as zeros (so it is by default) or as null.</summary>
            public void set_materialize_grads(bool value) => NativeMethods.rmt_function_materialize(Native, value ? 1 : 0);
        }
    }
}
