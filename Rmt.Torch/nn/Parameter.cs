using TorchSharp.Interop;

namespace TorchSharp.Modules
{
    /// <summary>A tensor that a module learns. Belongs to no dispose scope: its module frees it.</summary>
    public class Parameter : torch.Tensor
    {
        /// <param name="data">The values. This parameter takes their memory over; the tensor itself is freed, unless it is a parameter too.</param>
        /// <param name="requires_grad">Whether it is learned.</param>
        public Parameter(torch.Tensor data, bool requires_grad = true) : base(Share(data))
        {
            DetachFromDisposeScope();
            if (data is not Parameter) data.Dispose();
            if (requires_grad) this.requires_grad = true;
        }

        private static TensorHandle Share(torch.Tensor data)
        {
            var tensor = ErrorSlot.Check(NativeMethods.rmt_detach(data.NativeHandle));
            return new TensorHandle(tensor);
        }
    }
}

namespace TorchSharp.Utils
{
    /// <summary>The name under which a field's module or tensor is registered, instead of the field's own.</summary>
    [AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
    public sealed class ComponentNameAttribute : Attribute
    {
        public string? Name { get; set; }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}
