using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>A number that stands where a tensor might. A class, since <see langword="null"/> means "absent" in this API.</summary>
public sealed class Scalar
{
    private Scalar(NativeScalar value) => Value = value;

    internal NativeScalar Value { get; }

    internal static NativeScalar Native(Scalar? scalar) => scalar?.Value ?? NativeScalar.Absent;

    public static implicit operator Scalar(byte value) => new(NativeScalar.Of((long)value));
    public static implicit operator Scalar(sbyte value) => new(NativeScalar.Of((long)value));
    public static implicit operator Scalar(short value) => new(NativeScalar.Of((long)value));
    public static implicit operator Scalar(int value) => new(NativeScalar.Of((long)value));
    public static implicit operator Scalar(long value) => new(NativeScalar.Of(value));
    public static implicit operator Scalar(Half value) => new(NativeScalar.Of((double)value));
    public static implicit operator Scalar(float value) => new(NativeScalar.Of((double)value));
    public static implicit operator Scalar(double value) => new(NativeScalar.Of(value));
    public static implicit operator Scalar(bool value) => new(NativeScalar.Of(value));
}
