namespace Rmt.Service.Tests.Doubles;

/// <summary>A clock and a stopwatch that move when they are told to.</summary>
internal sealed class SetClock(DateTimeOffset? wall = null) : TimeProvider
{
    private long _passed;

    public DateTimeOffset Wall { get; set; } = wall ?? new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public void Pass(TimeSpan time) => _passed += time.Ticks;

    public override DateTimeOffset GetUtcNow() => Wall + TimeSpan.FromTicks(_passed);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _passed;
}
