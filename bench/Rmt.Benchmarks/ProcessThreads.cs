using System.Diagnostics;
using System.Globalization;

namespace Rmt.Benchmarks;

/// <summary>How many threads an operation of a process that is about to start may take.</summary>
internal static class ProcessThreads
{
    /// <summary>Sets the variables of every BLAS: one that has threads of its own reads them before anyone can call <c>set_num_threads</c>.</summary>
    public static ProcessStartInfo WithThreads(this ProcessStartInfo start, int threads)
    {
        foreach (var variable in new[] { "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS" })
            start.Environment[variable] = threads.ToString(CultureInfo.InvariantCulture);
        return start;
    }
}
