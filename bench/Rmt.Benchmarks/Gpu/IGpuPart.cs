namespace Rmt.Benchmarks.Gpu;

/// <summary>One matter of <see cref="GpuBenchmark"/>.</summary>
internal interface IGpuPart
{
    /// <summary>What --part calls it.</summary>
    string Name { get; }

    /// <summary>Measures and reports, line by line.</summary>
    /// <returns>False where something is wrong that no clock decides.</returns>
    bool Run(GpuRun run);
}
