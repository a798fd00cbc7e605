namespace Rmt.Service.Tests.Doubles;

/// <summary>A clock that is wrong by so much, with a stopwatch that is right, as on a machine whose time was set badly.</summary>
internal sealed class WrongClock(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
}
