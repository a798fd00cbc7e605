namespace Rmt.Torch;

/// <summary>Kernels of our own on CUDA devices: compiled where they run, by the NVRTC that comes with libtorch, and kept in the user's cache folder.</summary>
public static class DeviceKernels
{
    /// <summary>Why there can be none here, in one sentence; null where there can.</summary>
    public static string? Missing =>
#if RMT_NATIVE
        System.Runtime.InteropServices.Marshal.PtrToStringUTF8(TorchSharp.Interop.NativeMethods.rmt_kernels_missing()) is { Length: > 0 } reason ? reason : null;
#else
        Provider.Lacks(nameof(DeviceKernels)).Message;
#endif

    /// <summary>Where they are kept: <c>rmt-adapter/kernels</c> below XDG_CACHE_HOME or ~/.cache; null where neither is known, or nothing is kept. May be deleted at any time.</summary>
    public static string? CacheFolder =>
#if RMT_NATIVE
        System.Runtime.InteropServices.Marshal.PtrToStringUTF8(TorchSharp.Interop.NativeMethods.rmt_kernel_cache()) is { Length: > 0 } folder ? folder : null;
#else
        null;
#endif
}
