using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            To(type, null, copy, disposeAfter, non_blocking);
        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            To(null, device, copy, disposeAfter, non_blocking);
        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            To(null, new Device(device), copy, disposeAfter, non_blocking);
        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            To(type, device, copy, disposeAfter, non_blocking);
        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            To(null, new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);
        public Tensor to(Tensor other, bool non_blocking = false) => To(other.dtype, other.device, false, false, non_blocking);
        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            To(type, null, copy, disposeAfter, non_blocking);
        public Tensor type_as(Tensor other) => to(other.dtype);
        public Tensor cpu() => to(CPU);
        public Tensor cuda(Device? device = null, bool non_blocking = false) => To(null, device ?? CUDA, false, false, non_blocking);
        public Tensor @float() => to(float32);
        public Tensor @double() => to(float64);
        public Tensor half() => to(float16);
        public Tensor bfloat16() => to(torch.bfloat16);
        public Tensor @long() => to(int64);
        public Tensor @int() => to(int32);
        public Tensor @bool() => to(torch.@bool);
        public Tensor pin_memory() => Own(NativeMethods.rmt_pin_memory(NativeHandle));

        private Tensor To(ScalarType? type, Device? device, bool copy, bool disposeAfter, bool non_blocking)
        {
            var result = Own(NativeMethods.rmt_to(NativeHandle, new NativeOptions(type, device), non_blocking ? 1 : 0, copy ? 1 : 0));
            if (disposeAfter) Dispose();
            return result;
        }

        public Tensor copy_(Tensor source, bool nonBlocking = false)
        {
            ErrorSlot.Check(NativeMethods.rmt_copy_(NativeHandle, source.NativeHandle, nonBlocking ? 1 : 0));
            return this;
        }

        public Tensor fill_(Scalar value)
        {
            ErrorSlot.Check(NativeMethods.rmt_fill_(NativeHandle, value.Value));
            return this;
        }

        public Tensor zero_() => fill_(0);

        /// <summary>The elements as bytes, in memory order; writing to the span writes to the tensor.</summary>
        /// <remarks>Valid while this object is.</remarks>
        /// <exception cref="InvalidOperationException">Not contiguous, not on the CPU, or larger than a span can be.</exception>
        public unsafe Span<byte> bytes
        {
            get
            {
                var length = checked(numel() * element_size());
                if (!is_contiguous() || device_type != DeviceType.CPU)
                    throw new InvalidOperationException($"bytes needs a contiguous tensor on the CPU; this one is {this}: take .cpu().contiguous() first");
                if (length > int.MaxValue)
                    throw new InvalidOperationException($"bytes reaches {int.MaxValue:N0} bytes; this tensor has {length:N0}: take parts of it");
                if (length == 0) return [];
                return new((void*)ErrorSlot.Check(NativeMethods.rmt_data(NativeHandle)), (int)length);
            }
            set
            {
                if (value.Length != numel() * element_size())
                    throw new ArgumentException($"the tensor holds {numel() * element_size():N0} bytes, given are {value.Length:N0}", nameof(value));
                value.CopyTo(bytes);
                GC.KeepAlive(this);     // a span keeps nothing alive
            }
        }

        /// <summary>The elements; a tensor that is not contiguous on the CPU is copied first.</summary>
        /// <exception cref="ArgumentException">T is not the type of the elements.</exception>
        public Utils.TensorAccessor<T> data<T>() where T : unmanaged
        {
            CheckType<T>();
            return new(this);
        }

        /// <summary>The only element.</summary>
        /// <exception cref="ArgumentException">T is not the type of the elements.</exception>
        /// <exception cref="TorchException">The tensor has another number of elements.</exception>
        public T item<T>() where T : unmanaged
        {
            CheckType<T>();
            ErrorSlot.Check(NativeMethods.rmt_item(NativeHandle, out var value));
            return value.Tag == ScalarTag.real ? FromDouble<T>(value.Real) : FromLong<T>(value.Whole);
        }

        internal double ItemAsDouble()
        {
            ErrorSlot.Check(NativeMethods.rmt_item(NativeHandle, out var value));
            return value.Real;
        }

        internal long ItemAsLong()
        {
            ErrorSlot.Check(NativeMethods.rmt_item(NativeHandle, out var value));
            return value.Whole;
        }

        private static T FromDouble<T>(double value) where T : unmanaged
        {
            if (typeof(T) == typeof(float)) return (T)(object)(float)value;
            if (typeof(T) == typeof(Half)) return (T)(object)(Half)value;
            return (T)(object)value;
        }

        private static T FromLong<T>(long value) where T : unmanaged
        {
            if (typeof(T) == typeof(long)) return (T)(object)value;
            if (typeof(T) == typeof(int)) return (T)(object)(int)value;
            if (typeof(T) == typeof(bool)) return (T)(object)(value != 0);
            if (typeof(T) == typeof(byte)) return (T)(object)(byte)value;
            if (typeof(T) == typeof(sbyte)) return (T)(object)(sbyte)value;
            return (T)(object)(short)value;
        }

        private void CheckType<T>() where T : unmanaged
        {
            if (TypeOf(typeof(T)) == dtype) return;
            var way = dtype == torch.bfloat16 ? "take .to(float32) first, or bytes" : "convert the tensor, or ask for its own type";
            throw new ArgumentException($"elements are {dtype}, asked for {typeof(T).Name}: {way}", nameof(T));
        }

        internal static ScalarType TypeOf(Type type) => type switch
        {
            _ when type == typeof(float) => float32,
            _ when type == typeof(double) => float64,
            _ when type == typeof(long) => int64,
            _ when type == typeof(int) => int32,
            _ when type == typeof(short) => int16,
            _ when type == typeof(sbyte) => int8,
            _ when type == typeof(byte) => uint8,
            _ when type == typeof(bool) => torch.@bool,
            _ when type == typeof(Half) => float16,
            _ => throw new ArgumentException($"{type} is no element type", nameof(type)),
        };
    }
}

/// <summary>Single elements as .NET numbers, converted where needed; tensors in streams.</summary>
public static class TensorExtensionMethods
{
    /// <summary>Writes type, shape and elements.</summary>
    public static void Save(this torch.Tensor tensor, BinaryWriter writer)
    {
        TensorFormat.Write(writer, tensor);
        writer.Flush();
    }

    /// <summary>Reads what <see cref="Save"/> wrote into a tensor of the same type and shape; or, to skip, past it.</summary>
    /// <exception cref="ArgumentException">The type is another, or the shape. Nothing is copied then.</exception>
    public static void Load(this torch.Tensor tensor, BinaryReader reader, bool skip = false)
    {
        using var scope = torch.NewDisposeScope();
        using var mode = torch.no_grad();
        var read = TensorFormat.Read(reader, "tensor");
        if (skip) return;
        if (read.dtype != tensor.dtype || !read.shape.SequenceEqual(tensor.shape)) throw new ArgumentException($"saved is {read}, expected {tensor}", nameof(tensor));
        _ = tensor.copy_(read);
    }

    /// <summary>Reads what <see cref="Save"/> wrote as a new tensor.</summary>
    public static torch.Tensor Load(BinaryReader reader) => TensorFormat.Read(reader, "tensor");

    public static float ToSingle(this torch.Tensor value) => (float)value.ItemAsDouble();
    public static double ToDouble(this torch.Tensor value) => value.ItemAsDouble();
    public static int ToInt32(this torch.Tensor value) => checked((int)value.ItemAsLong());
    public static long ToInt64(this torch.Tensor value) => value.ItemAsLong();
    public static bool ToBoolean(this torch.Tensor value) => value.ItemAsDouble() != 0;
    public static Half ToHalf(this torch.Tensor value) => (Half)value.ItemAsDouble();
}
