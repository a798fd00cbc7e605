using System.Collections;
using System.Runtime.CompilerServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>All the memory this tensor is a view of, as elements of T; of a copy where T is not the type of its elements.</summary>
        /// <exception cref="NotSupportedException">T is none of byte, bool, int, long, float and double.</exception>
        public Storage<T> storage<T>() where T : unmanaged => new(to_type(Storage.TypeOf(typeof(T))));
    }

    /// <summary>The memory behind a tensor, and behind every view of it.</summary>
    public abstract class Storage
    {
        private protected Storage(Tensor tensor) => Of = tensor.DetachFromDisposeScope();     // keeps the memory alive

        private protected Tensor Of { get; }

        internal static ScalarType TypeOf(Type type) => type == typeof(byte) || type == typeof(bool) || type == typeof(int) || type == typeof(long) || type == typeof(float) || type == typeof(double)
            ? Tensor.TypeOf(type)
            : throw new NotSupportedException($"no storage of {type.Name}: byte, bool, int, long, float, double");

        public Storage<bool> @bool() => Of.storage<bool>();
        public Storage<byte> @byte() => Of.storage<byte>();
        public Storage<int> @int() => Of.storage<int>();
        public Storage<long> @long() => Of.storage<long>();
        public Storage<float> @float() => Of.storage<float>();
        public Storage<double> @double() => Of.storage<double>();

        /// <summary>Bytes of one element.</summary>
        public abstract int element_size();

        /// <summary>Bytes of all.</summary>
        public ulong nbytes()
        {
            ErrorSlot.Check(NativeMethods.rmt_storage(Of.NativeHandle, out _, out var bytes));
            return (ulong)bytes;
        }
    }

    /// <summary>The memory behind a tensor as elements. They can be read and written on the CPU.</summary>
    public sealed class Storage<T> : Storage, IDisposable, IEnumerable<T> where T : unmanaged
    {
        internal Storage(Tensor tensor) : base(tensor) { }

        // Whoever uses the span keeps this object alive past it.
        private unsafe Span<T> Elements
        {
            get
            {
                if (Of.device_type != DeviceType.CPU) throw new InvalidOperationException($"the elements are on {device}: take .cpu() first");
                ErrorSlot.Check(NativeMethods.rmt_storage(Of.NativeHandle, out var data, out var bytes));
                return new((void*)data, checked((int)(bytes / sizeof(T))));
            }
        }

        public Device device => Of.device;

        public int Count => checked((int)((long)nbytes() / element_size()));

        public bool IsReadOnly => false;

        public override int element_size() => Unsafe.SizeOf<T>();

        public Storage<T> cpu() => Of.cpu().storage<T>();

        public Storage<T> cuda(Device? device = null) => Of.cuda(device).storage<T>();

        public T this[int index]
        {
            get
            {
                var value = Elements[index];
                GC.KeepAlive(this);
                return value;
            }
            set
            {
                Elements[index] = value;
                GC.KeepAlive(this);
            }
        }

        public void fill_(T value)
        {
            Elements.Fill(value);
            GC.KeepAlive(this);
        }

        /// <summary>Writes as many elements as there are on both sides.</summary>
        public void copy_(IList<T> array) => CopyFrom(array, 0);

        /// <inheritdoc cref="copy_"/>
        public void CopyFrom(IList<T> array, int arrayIndex)
        {
            var elements = Elements;
            for (var i = 0; i < elements.Length && i + arrayIndex < array.Count; i++) elements[i] = array[i + arrayIndex];
            GC.KeepAlive(this);
        }

        /// <summary>Reads as many elements as there are on both sides.</summary>
        public void CopyTo(IList<T> array, int arrayIndex)
        {
            var elements = Elements;
            for (var i = 0; i < elements.Length && i + arrayIndex < array.Count; i++) array[i + arrayIndex] = elements[i];
            GC.KeepAlive(this);
        }

        public T[] ToArray()
        {
            var values = Elements.ToArray();
            GC.KeepAlive(this);
            return values;
        }

        public IList<T> tolist() => ToArray();

        public bool Contains(T item) => IndexOf(item) >= 0;

        public int IndexOf(T item) => Array.IndexOf(ToArray(), item);

        public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)ToArray()).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        /// <summary>Lets go of the memory, which the tensor still holds.</summary>
        public void Dispose() => Of.Dispose();
    }
}
