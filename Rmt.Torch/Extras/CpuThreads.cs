namespace Rmt.Torch;

/// <summary>The threads that one operation is spread over on the CPU.</summary>
public static class CpuThreads
{
    /// <summary>What they do while there is nothing to do, in the words of OpenMP: <c>PASSIVE</c>, that is sleep, unless the environment variable
    /// OMP_WAIT_POLICY says <c>ACTIVE</c>; null with another provider.</summary>
    /// <remarks>By itself OpenMP lets them turn in circles for a while. OpenBLAS multiplies with threads of its own, and on few processors the two take each
    /// other's time: on two cores, two threads were 2.8 times slower than one.</remarks>
    public static string? WaitPolicy =>
#if RMT_NATIVE
        TorchSharp.Interop.TorchLibrary.Variable(TorchSharp.Interop.TorchLibrary.WaitPolicy);
#else
        null;
#endif

    /// <summary>For which processor OpenBLAS was told to multiply: <c>COOPERLAKE</c> on one with AVX-512 and its instructions for bfloat16, unless the environment variable OPENBLAS_CORETYPE
    /// says another; null where it finds out by itself, and with another provider.</summary>
    /// <remarks>An OpenBLAS that is older than its processor takes the kernels that run everywhere: Debian's on a Xeon of the fifth generation multiplied at 26 GFLOP/s instead of 145.</remarks>
    public static string? BlasKernels =>
#if RMT_NATIVE
        TorchSharp.Interop.TorchLibrary.Variable(TorchSharp.Interop.TorchLibrary.BlasKernels);
#else
        null;
#endif
}
