using System.Diagnostics;

namespace Rmt.Benchmarks.Gpu;

/// <summary>Time that all parts share: a machine is lent for so long.</summary>
internal sealed class TimeLimit(double seconds)
{
    private readonly long begun = Stopwatch.GetTimestamp();

    /// <summary>All of it, in seconds.</summary>
    public double Seconds { get; } = seconds;

    /// <summary>What is left of it, in seconds; never negative.</summary>
    public double Left => Math.Max(0, Seconds - Stopwatch.GetElapsedTime(begun).TotalSeconds);
}
