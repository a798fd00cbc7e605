using Rmt.Host.Evaluation;

namespace Rmt.Host.Tests.Evaluation;

public sealed class MadeAheadTests
{
    [Fact]
    public void Things_come_in_their_order_however_long_each_takes()
    {
        using var first = new ManualResetEventSlim();
        using var made = new MadeAhead<int>([() => { first.Wait(TestContext.Current.CancellationToken); return 0; }, () => { first.Set(); return 1; }, () => 2], threads: 2, most: 3);
        Assert.Equal([0, 1, 2], Taken(made));
    }

    [Fact]
    public void No_more_are_begun_than_may_wait()
    {
        var begun = 0;
        using var made = new MadeAhead<int>(Enumerable.Range(0, 20).Select(i => { begun++; return (Func<int>)(() => i); }), threads: 2, most: 5);
        for (var taken = 1; taken <= 20; taken++)
        {
            Assert.True(made.TryTake(out var thing, CancellationToken.None));
            Assert.Equal((taken - 1, Math.Min(20, taken + 5)), (thing, begun));
        }
        Assert.False(made.TryTake(out _, CancellationToken.None));
    }

    [Fact]
    public void No_more_are_made_at_once_than_there_are_threads()
    {
        var (now, most) = (0, 0);
        using var made = new MadeAhead<int>(Enumerable.Repeat(() =>
        {
            var others = Interlocked.Increment(ref now);
            lock (this)
                most = Math.Max(most, others);
            Thread.SpinWait(20_000);
            return Interlocked.Decrement(ref now);
        }, 40), threads: 2, most: 40);
        Assert.Equal(40, Taken(made).Count);
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public void What_cannot_be_made_is_told_where_its_turn_is()
    {
        using var made = new MadeAhead<int>([() => 1, () => throw new InvalidDataException("no text"), () => 3], threads: 2, most: 3);
        Assert.True(made.TryTake(out _, CancellationToken.None));
        Assert.Equal("no text", Assert.Throws<InvalidDataException>(() => made.TryTake(out _, CancellationToken.None)).Message);
    }

    [Fact]
    public void Waiting_can_be_cancelled()
    {
        using var never = new ManualResetEventSlim();
        using var cancelled = new CancellationTokenSource();
        using var made = new MadeAhead<int>([() => { cancelled.Cancel(); never.Wait(TestContext.Current.CancellationToken); return 0; }], threads: 1, most: 1);
        Assert.ThrowsAny<OperationCanceledException>(() => made.TryTake(out _, cancelled.Token));
        never.Set();
    }

    private static List<int> Taken(MadeAhead<int> made)
    {
        var things = new List<int>();
        while (made.TryTake(out var thing, CancellationToken.None))
            things.Add(thing);
        return things;
    }
}
