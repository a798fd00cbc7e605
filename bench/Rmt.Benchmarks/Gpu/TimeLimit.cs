using System.Diagnostics;
using System.Globalization;

namespace Rmt.Benchmarks.Gpu;

/// <summary>Time that is lent: that of all parts together, or of one of them.</summary>
internal sealed class TimeLimit(double seconds)
{
    private readonly long begun = Stopwatch.GetTimestamp();

    /// <summary>All of it, in seconds.</summary>
    public double Seconds { get; } = seconds;

    /// <summary>What is left of it, in seconds; never negative.</summary>
    public double Left => Math.Max(0, Seconds - Stopwatch.GetElapsedTime(begun).TotalSeconds);

    /// <summary>Why there is no figure, where it was over before.</summary>
    public string NotReached => string.Create(CultureInfo.InvariantCulture, $"not reached in {Seconds:0} s");

    /// <summary>A limit from now on within this one.</summary>
    /// <param name="seconds">Null: all that is left.</param>
    public TimeLimit Within(double? seconds) => new(Math.Min(Left, seconds ?? Left));

    /// <summary>Stops what is going on when this is over.</summary>
    /// <exception cref="OperationCanceledException">It is.</exception>
    public void ThrowIfOver()
    {
        if (Left <= 0) throw new OperationCanceledException(NotReached);
    }
}
