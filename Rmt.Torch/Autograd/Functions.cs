using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>A function of tensors and other arguments with one result and a backward of its own.</summary>
        public abstract class SingleTensorFunction<T> where T : SingleTensorFunction<T>, new()
        {
            public abstract string Name { get; }

            /// <summary>The result. Runs without gradients.</summary>
            public abstract Tensor forward(AutogradContext ctx, params object[] vars);

            /// <summary>A gradient for every argument of forward; null where there is none.</summary>
            public abstract List<Tensor> backward(AutogradContext ctx, Tensor grad_output);

            public static Tensor apply(params object[] vars)
            {
                var function = new T();
                return FunctionCall.Run(function.Name, vars, (context, given) => [function.forward(context, given)],
                    (context, gradients) => function.backward(context, gradients[0])).Single();
            }
        }

        /// <summary>A function of tensors and other arguments with several results and a backward of its own.</summary>
        public abstract class MultiTensorFunction<T> where T : MultiTensorFunction<T>, new()
        {
            public abstract string Name { get; }

            /// <summary>The results. Runs without gradients.</summary>
            public abstract List<Tensor> forward(AutogradContext ctx, params object[] vars);

            /// <summary>A gradient for every argument of forward; null where there is none.</summary>
            public abstract List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs);

            public static List<Tensor> apply(params object[] vars)
            {
                var function = new T();
                return FunctionCall.Run(function.Name, vars, function.forward, function.backward);
            }
        }

        /// <summary>One application of a function: what a node of the graph holds on this side.</summary>
        private sealed unsafe class FunctionCall
        {
            private readonly AutogradContext context = new();
            private readonly string name;
            private readonly bool[] differentiable;         // which arguments are tensors
            private readonly Func<AutogradContext, List<Tensor>, List<Tensor>> backward;
            private readonly List<IntPtr> outputs = [];
            private Func<List<Tensor>>? forward;            // gone after the call, and the arguments with it

            private FunctionCall(string name, object[] vars, Func<AutogradContext, object[], List<Tensor>> forward, Func<AutogradContext, List<Tensor>, List<Tensor>> backward)
            {
                (this.name, this.backward) = (name, backward);
                differentiable = Array.ConvertAll(vars, argument => argument is Tensor);
                this.forward = () => forward(context, vars);
            }

            internal static List<Tensor> Run(string name, object[] vars, Func<AutogradContext, object[], List<Tensor>> forward, Func<AutogradContext, List<Tensor>, List<Tensor>> backward)
            {
                var call = new FunctionCall(name, vars, forward, backward);
                using var inputs = new TensorAddresses([.. vars.OfType<Tensor>()]);
                var callbacks = new NativeCallbacks { Forward = &Forward, Backward = &Backward, Receive = &Receive, Release = &Release };
                var status = NativeMethods.rmt_function_apply(callbacks, GCHandle.ToIntPtr(GCHandle.Alloc(call)), inputs.Addresses, inputs.Count);
                call.forward = null;
                var results = call.outputs.ConvertAll(Tensor.Own);
                ErrorSlot.Check(status);
                return results;
            }

            private static FunctionCall Of(IntPtr owner) => (FunctionCall)GCHandle.FromIntPtr(owner).Target!;

            [UnmanagedCallersOnly]
            private static long Forward(IntPtr owner, IntPtr native, IntPtr results)
            {
                try
                {
                    using var scope = NewDisposeScope();
                    var call = Of(owner);
                    using var use = call.context.Enter(native);
                    foreach (var output in call.forward!()) Return(results, output ?? throw new InvalidOperationException($"{call.name}.forward returned no tensor"));
                    return 0;
                }
                catch (Exception exception)
                {
                    return CallbackFailures.File(exception);
                }
            }

            [UnmanagedCallersOnly]
            private static long Backward(IntPtr owner, IntPtr native, IntPtr* gradients, int n, IntPtr results)
            {
                try
                {
                    using var scope = NewDisposeScope();
                    var call = Of(owner);
                    using var use = call.context.Enter(native);
                    var given = new List<Tensor>(n);
                    for (var i = 0; i < n; i++) given.Add(gradients[i] == IntPtr.Zero ? null! : Tensor.Own(NativeMethods.rmt_function_share(gradients[i])));
                    var answer = call.backward(call.context, given);
                    if (answer.Count != call.differentiable.Length)
                        throw new InvalidOperationException($"{call.name}.backward returned {answer.Count} gradients for {call.differentiable.Length} arguments");
                    for (var i = 0; i < answer.Count; i++)
                    {
                        if (call.differentiable[i]) Return(results, answer[i]);
                        else if (answer[i] is not null) throw new InvalidOperationException($"{call.name}.backward returned a gradient for argument {i}, which is no tensor");
                    }
                    return 0;
                }
                catch (Exception exception)
                {
                    return CallbackFailures.File(exception);
                }
            }

            private static void Return(IntPtr results, Tensor? tensor) => ErrorSlot.Check(NativeMethods.rmt_function_return(results, Tensor.HandleOrNone(tensor)));

            [UnmanagedCallersOnly]
            private static void Receive(IntPtr owner, IntPtr output) => Of(owner).outputs.Add(output);

            [UnmanagedCallersOnly]
            private static void Release(IntPtr owner) => GCHandle.FromIntPtr(owner).Free();
        }
    }
}
