using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

[StructLayout(LayoutKind.Sequential)]
internal readonly struct NativeScalar
{
    private readonly long tag;
    private readonly long bits;     // of the double, or the whole number

    private NativeScalar(ScalarTag tag, long bits) => (this.tag, this.bits) = ((long)tag, bits);

    internal static NativeScalar Absent => default;

    internal ScalarTag Tag => (ScalarTag)tag;

    internal double Real => Tag == ScalarTag.real ? BitConverter.Int64BitsToDouble(bits) : bits;

    internal long Whole => Tag == ScalarTag.real ? (long)BitConverter.Int64BitsToDouble(bits) : bits;

    internal static NativeScalar Of(double value) => new(ScalarTag.real, BitConverter.DoubleToInt64Bits(value));

    internal static NativeScalar Of(long value) => new(ScalarTag.whole, value);

    internal static NativeScalar Of(bool value) => new(ScalarTag.boolean, value ? 1 : 0);
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeIndex
{
    internal long Kind;
    internal long Start;
    internal long Stop;
    internal long Step;
    internal IntPtr Tensor;

    internal const long Open = long.MinValue;       // a bound of a slice that is not given
}

[StructLayout(LayoutKind.Sequential)]
internal readonly struct NativeOptions
{
    internal readonly int Type;
    internal readonly int Device;
    internal readonly int DeviceIndex;

    internal NativeOptions(torch.ScalarType? dtype, torch.Device? device)
    {
        Type = dtype is { } type ? (int)type : -1;
        Device = device is null ? -1 : (int)device.type;
        DeviceIndex = device?.index ?? -1;
    }
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeCallbacks
{
    internal delegate* unmanaged<IntPtr, IntPtr, IntPtr, long> Forward;
    internal delegate* unmanaged<IntPtr, IntPtr, IntPtr*, int, IntPtr, long> Backward;
    internal delegate* unmanaged<IntPtr, IntPtr, void> Receive;
    internal delegate* unmanaged<IntPtr, void> Release;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeAdamW
{
    internal IntPtr Parameter, Mean, Square, Largest;
    internal long Steps;
    internal double Rate, Beta1, Beta2, Eps, Decay;
    internal int AmsGrad, Maximize;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeSGD
{
    internal IntPtr Parameter, Velocity;
    internal double Rate, Momentum, Dampening, Decay;
    internal int Nesterov, Maximize;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeMemoryStatistics
{
    internal long Allocated, AllocatedPeak, Reserved, ReservedPeak;
}
