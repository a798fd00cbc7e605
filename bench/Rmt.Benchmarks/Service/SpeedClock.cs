using System.Diagnostics;

namespace Rmt.Benchmarks.Service;

/// <summary>Segments read in so long, by the clock and by the processor time of all threads of a process.</summary>
internal readonly record struct Speed(double Segments, double Seconds, double ProcessorSeconds)
{
    public double PerSecond => Segments / Seconds;

    public double PerProcessorSecond => Segments / ProcessorSeconds;

    /// <summary>How many processors it kept busy: near its threads, unless somebody else had them.</summary>
    public double Processors => ProcessorSeconds / Seconds;

    public static Speed operator +(Speed one, Speed other) => new(one.Segments + other.Segments, one.Seconds + other.Seconds, one.ProcessorSeconds + other.ProcessorSeconds);
}

/// <summary>Runs from where it is made, but for the time that its process stands still.</summary>
/// <param name="process">Whose processor time.</param>
internal sealed class SpeedClock(int process)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly TimeSpan _processor = ProcessMemory.Processor(process);

    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>The process stands still: it takes no processor time, and this clock no time.</summary>
    public void Pause() => _clock.Stop();

    /// <summary>It is about to go on.</summary>
    public void Continue() => _clock.Start();

    public Speed Of(double segments) => new(segments, Elapsed.TotalSeconds, (ProcessMemory.Processor(process) - _processor).TotalSeconds);
}
