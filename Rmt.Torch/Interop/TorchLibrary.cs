using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace TorchSharp.Interop;

/// <summary>Finds and loads the shim, which brings libtorch with it.</summary>
internal static partial class TorchLibrary
{
    internal const string Name = "rmt_torch";

    // What OpenMP's threads do while they have nothing to do (CpuThreads says why). libgomp reads it once, when it is loaded.
    internal const string WaitPolicy = "OMP_WAIT_POLICY", Sleep = "PASSIVE";

    // Which kernels OpenBLAS takes, where it does not know the processor: 0.3.21, which is Debian's, takes the oldest of all on a Xeon of the fifth generation, a fifth as fast.
    // It is read once, when it is loaded.
    internal const string BlasKernels = "OPENBLAS_CORETYPE", Avx512Bf16 = "COOPERLAKE";

    internal static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Name) return IntPtr.Zero;
        _ = setenv(WaitPolicy, Sleep, overwrite: 0);        // of the process itself: Environment's own copy is not what a library sees
        if (HasAvx512Bf16 && Variable(BlasKernels) is null)
        {
            _ = setenv(BlasKernels, Avx512Bf16, overwrite: 0);
            Environment.SetEnvironmentVariable(BlasKernels, Avx512Bf16);        // of children too: what is compared with this process computes as it does
        }
        var beside = Path.Combine(AppContext.BaseDirectory, "librmt_torch.so");
        try
        {
            return NativeLibrary.Load(File.Exists(beside) ? beside : "librmt_torch.so");
        }
        catch (DllNotFoundException cause)
        {
            throw new DllNotFoundException(
                $"librmt_torch.so could not be loaded from {AppContext.BaseDirectory}, or the libtorch it was built against is gone. " +
                "Build it again where libtorch is found: LIBTORCH names a libtorch or a Python torch folder, or the system has it " +
                "(Debian: libtorch-dev), or LIBTORCH_USE_PYTORCH=1 takes the torch of the python3 on the path. " + cause.Message, cause);
        }
    }

    /// <summary>Whether the processor has what OpenBLAS's kernels for Cooper Lake need: AVX-512 with its instructions for bfloat16.</summary>
    internal static bool HasAvx512Bf16 => X86Base.IsSupported && Avx512BW.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 1).Eax & 1 << 5) != 0;

    /// <summary>A variable as a library of this process sees it.</summary>
    internal static string? Variable(string name) => Marshal.PtrToStringUTF8(getenv(name));

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial IntPtr getenv(string name);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
