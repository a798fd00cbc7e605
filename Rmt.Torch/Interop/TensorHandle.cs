using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>Owns one native tensor. The only thing that frees one.</summary>
internal sealed class TensorHandle : SafeHandle
{
    private static long live;
    private static long peak;

    internal TensorHandle(IntPtr tensor) : base(IntPtr.Zero, ownsHandle: true)
    {
        SetHandle(tensor);
        var now = Interlocked.Increment(ref live);
        if (now > Volatile.Read(ref peak)) Volatile.Write(ref peak, now);      // a reading for people, not a bound
    }

    public TensorHandle() : base(IntPtr.Zero, ownsHandle: true) { }

    /// <summary>Stands for an argument that is absent: a null pointer on the other side.</summary>
    internal static TensorHandle None { get; } = new();

    internal static long Live => Interlocked.Read(ref live);

    internal static long Peak => Interlocked.Read(ref peak);

    public override bool IsInvalid => handle == IntPtr.Zero;

    internal void GiveUp()
    {
        SetHandleAsInvalid();
        Interlocked.Decrement(ref live);
    }

    protected override bool ReleaseHandle()
    {
        NativeMethods.rmt_tensor_free(handle);
        Interlocked.Decrement(ref live);
        return true;
    }
}

/// <summary>Owns one native random generator.</summary>
internal sealed class GeneratorHandle : SafeHandle
{
    /// <summary>The default generator of the device at hand: a null pointer on the other side.</summary>
    internal static GeneratorHandle None { get; } = new();

    public GeneratorHandle() : base(IntPtr.Zero, ownsHandle: true) { }

    internal GeneratorHandle(IntPtr generator) : base(IntPtr.Zero, ownsHandle: true) => SetHandle(generator);

    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle()
    {
        NativeMethods.rmt_generator_free(handle);
        return true;
    }
}

/// <summary>Native addresses of several tensors, which stay alive until this is disposed.</summary>
internal readonly ref struct TensorAddresses : IDisposable
{
    private readonly SafeHandle?[] held;

    /// <exception cref="ArgumentNullException">A tensor is missing that has to be there.</exception>
    internal TensorAddresses(IReadOnlyList<torch.Tensor?> tensors, bool required = false)
    {
        held = new SafeHandle?[tensors.Count];
        Addresses = new IntPtr[tensors.Count];
        try
        {
            for (var i = 0; i < tensors.Count; i++)
            {
                if (tensors[i] is { } tensor) Addresses[i] = Hold(tensor.NativeHandle, i);
                else if (required) throw new ArgumentNullException(nameof(tensors), $"tensor {i} of {tensors.Count} is null");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal IntPtr[] Addresses { get; }

    internal int Count => Addresses.Length;

    private IntPtr Hold(TensorHandle handle, int at)
    {
        var taken = false;
        handle.DangerousAddRef(ref taken);
        held[at] = handle;
        return handle.DangerousGetHandle();
    }

    public void Dispose()
    {
        foreach (var handle in held) handle?.DangerousRelease();
    }
}
