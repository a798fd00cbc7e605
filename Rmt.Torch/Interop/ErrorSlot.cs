using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>The only reader of the shim's error slot.</summary>
internal static class ErrorSlot
{
    /// <summary>Throws if a status says failure.</summary>
    internal static void Check(int status)
    {
        if (status != 0) throw Failure();
    }

    /// <summary>Throws if a pointer says failure.</summary>
    internal static IntPtr Check(IntPtr result) => result == IntPtr.Zero ? throw Failure() : result;

    /// <summary>Throws if an answer that cannot be negative is.</summary>
    internal static long Answer(long answer) => answer < 0 ? throw Failure() : answer;

    private static TorchException Failure()
    {
        var message = Marshal.PtrToStringUTF8(NativeMethods.rmt_error_message()) ?? "";
        return (ErrorCode)NativeMethods.rmt_error_code() switch
        {
            ErrorCode.out_of_memory => new TorchOutOfMemoryException(message),
            ErrorCode.device => new TorchDeviceException(message),
            _ => new TorchException(message),
        };
    }
}
