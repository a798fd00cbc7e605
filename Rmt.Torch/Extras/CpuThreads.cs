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
}
