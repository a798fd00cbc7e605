namespace TorchSharp;

/// <summary>Where a tensor lives, numbered as libtorch numbers it.</summary>
public enum DeviceType { CPU = 0, CUDA = 1, META = 14 }

public static partial class torch
{
    /// <summary>Element types, numbered as libtorch numbers them.</summary>
    public enum ScalarType : sbyte
    {
        Byte = 0, Int8 = 1, Int16 = 2, Int32 = 3, Int64 = 4, Float16 = 5, Float32 = 6, Float64 = 7,
        ComplexFloat32 = 9, ComplexFloat64 = 10, Bool = 11, BFloat16 = 15,
    }

    public const ScalarType uint8 = ScalarType.Byte, int8 = ScalarType.Int8, int16 = ScalarType.Int16, int32 = ScalarType.Int32,
        int64 = ScalarType.Int64, float16 = ScalarType.Float16, half = ScalarType.Float16, float32 = ScalarType.Float32,
        float64 = ScalarType.Float64, bfloat16 = ScalarType.BFloat16, @bool = ScalarType.Bool, complex64 = ScalarType.ComplexFloat32, complex128 = ScalarType.ComplexFloat64,
        @short = ScalarType.Int16, @int = ScalarType.Int32, @long = ScalarType.Int64, @float = ScalarType.Float32, @double = ScalarType.Float64,
        cfloat = ScalarType.ComplexFloat32, cdouble = ScalarType.ComplexFloat64;

    /// <summary>How a loss over a batch becomes one number, or stays one a sample.</summary>
    public static partial class nn
    {
        public enum Reduction : long { None = 0, Mean = 1, Sum = 2 }
    }

    /// <summary>A device: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>.</summary>
    public sealed class Device : IEquatable<Device>
    {
        public Device(DeviceType type, int index = -1) => (this.type, this.index) = (type, type == DeviceType.CUDA && index < 0 ? 0 : index);

        /// <exception cref="ArgumentException">Not of the form <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</exception>
        public Device(string description) : this(Parse(description).Type, Parse(description).Index) { }

        public DeviceType type { get; }
        public int index { get; }

        public bool Equals(Device? other) => other is not null && type == other.type && index == other.index;
        public override bool Equals(object? obj) => Equals(obj as Device);
        public override int GetHashCode() => HashCode.Combine(type, index);
        public override string ToString() => index < 0 ? Name : $"{Name}:{index}";
        public static bool operator ==(Device? a, Device? b) => a is null ? b is null : a.Equals(b);
        public static bool operator !=(Device? a, Device? b) => !(a == b);
        public static implicit operator Device(string description) => new(description);

        private string Name => type switch { DeviceType.CPU => "cpu", DeviceType.CUDA => "cuda", _ => "meta" };

        private static (DeviceType Type, int Index) Parse(string description)
        {
            var parts = description.Split(':');
            var index = -1;
            DeviceType? type = parts[0] switch { "cpu" => DeviceType.CPU, "cuda" => DeviceType.CUDA, "meta" => DeviceType.META, _ => null };
            var numbered = parts.Length == 2 && int.TryParse(parts[1], out index) && index >= 0;
            if (type is null || parts.Length > 2 || (parts.Length == 2 && !numbered))
                throw new ArgumentException($"'{description}' is no device: expected cpu, cuda or cuda:N", nameof(description));
            return (type.Value, index);
        }
    }

    public static Device CPU { get; } = new(DeviceType.CPU);
    public static Device CUDA { get; } = new(DeviceType.CUDA);
    public static Device device(string description) => new(description);
    public static Device device(DeviceType type, int index = -1) => new(type, index);

    /// <summary>What stands between the brackets of <c>tensor[…]</c>: a number, a range, <c>Ellipsis</c>, <c>None</c>, a mask, indexes.</summary>
    public sealed class TensorIndex
    {
        private TensorIndex(Interop.IndexKind kind, long start = 0, long? stop = null, long? step = null, Tensor? tensor = null) =>
            (Kind, First, Stop, Step, Tensors) = (kind, start, stop, step, tensor);

        internal Interop.IndexKind Kind { get; }
        internal long First { get; }
        internal long? Stop { get; }
        internal long? Step { get; }
        internal Tensor? Tensors { get; }

        public static readonly TensorIndex Ellipsis = new(Interop.IndexKind.ellipsis);
        public static readonly TensorIndex None = new(Interop.IndexKind.none);
        public static readonly TensorIndex Null = None;
        public static readonly TensorIndex Colon = Slice();

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new(Interop.IndexKind.slice, start ?? Interop.NativeIndex.Open, stop, step);
        public static TensorIndex Slice(Range range) => Slice(range.Start is { IsFromEnd: true, Value: 0 } ? long.MaxValue : At(range.Start), range.End is { IsFromEnd: true, Value: 0 } ? null : At(range.End));
        public static TensorIndex Slice((int? start, int? stop) range) => Slice(range.start, range.stop);
        public static TensorIndex Single(long? index) => index is { } i ? new(Interop.IndexKind.single, i) : None;
        public static TensorIndex Bool(bool value) => new(Interop.IndexKind.boolean, value ? 1 : 0);
        public static TensorIndex Tensor(Tensor index) => new(Interop.IndexKind.tensor, tensor: index);

        public static implicit operator TensorIndex(long index) => Single(index);
        public static implicit operator TensorIndex(Index index) =>
            index is { IsFromEnd: true, Value: 0 } ? throw new ArgumentOutOfRangeException(nameof(index), "^0 lies behind the last element") : Single(At(index));
        public static implicit operator TensorIndex(Range range) => Slice(range);
        public static implicit operator TensorIndex((int? start, int? stop) range) => Slice(range);

        private static long At(Index index) => index.IsFromEnd ? -index.Value : index.Value;

        internal Interop.NativeIndex Native(IntPtr tensor) => new()
        {
            Kind = (long)Kind,
            Start = First,
            Stop = Stop ?? Interop.NativeIndex.Open,
            Step = Step ?? Interop.NativeIndex.Open,
            Tensor = tensor,
        };
    }
}
