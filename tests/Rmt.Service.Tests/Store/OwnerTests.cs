using Rmt.Service.Tests.Doubles;

namespace Rmt.Service.Tests.Store;

/// <summary>Two processes on one store.</summary>
public sealed class OwnerTests : IDisposable
{
    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(60);
    private readonly Stores _stores = new() { Options = new("", 0, 1000, 3, LeaseTime) };

    public void Dispose() => _stores.Dispose();

    [Fact]
    public void Two_processes_never_hold_the_same_document()
    {
        using var a = _stores.Open();
        using var b = _stores.Open();
        _ = a.Accept([.. Enumerable.Range(0, 60).Select(i => Stores.Document(id: $"d{i}"))]);
        var leases = new List<string>();
        for (var i = 0; i < 10; i++)
            leases.AddRange((i % 2 == 0 ? a : b).Lease(Stores.Models, [6, 0, 0, 0]).Select(lease => lease.Id));
        Assert.Equal(60, leases.Distinct().Count());
        Assert.Equal(60, leases.Count);
    }

    [Fact]
    public void What_a_dead_process_held_is_free_at_once_and_none_of_it_is_to_blame()
    {
        var a = _stores.Open();
        using var b = _stores.Open();
        _ = a.Accept([Stores.Document(id: "a"), Stores.Document(id: "b")]);
        Assert.Equal(2, Stores.LeaseAll(a).Count);
        Assert.Equal(0, b.TakeFromTheDead());
        a.Dispose();        // as the kernel does at the end of a process
        Assert.Equal(2, b.TakeFromTheDead());
        Assert.All(Stores.LeaseAll(b), lease => Assert.Equal((false, 2), (lease.Alone, lease.Attempts)));
    }

    [Fact]
    public void A_stalled_owner_loses_its_documents_and_its_late_write_is_refused()
    {
        var (slow, other) = (new SetClock(), new SetClock());
        using var a = _stores.Open(slow);
        using var b = _stores.Open(other);
        _ = a.Accept([Stores.Document(id: "a")]);
        var stale = Stores.LeaseAll(a)[0];
        Assert.Equal([true], Stores.Commit(a, [Stores.Segment(stale, 0)]));
        Assert.Equal(0, b.TakeFromTheDead());
        other.Pass(LeaseTime + TimeSpan.FromSeconds(1));
        Assert.Equal(1, b.TakeFromTheDead());
        var taken = Assert.Single(Stores.LeaseAll(b));
        Assert.Equal(1, taken.NextSegment);

        Assert.Equal([false], Stores.Commit(a, [Stores.Segment(stale, 1)]));
        Assert.Equal([true], Stores.Commit(b, [Stores.Segment(taken, 1)]));
        a.Strike(stale, "late");
        a.Fail(stale, "late");
        a.GiveBack([stale]);
        Assert.Equal([true], Stores.Commit(b, [Stores.Segment(taken, 2)]));
        Assert.Equal(DocumentStatus.Done, a.Find("a")!.Status);

        // Whoever was taken for dead goes on as somebody else.
        _ = a.Accept([Stores.Document(id: "b")]);
        Assert.Equal([true], Stores.Commit(a, [Stores.Segment(Stores.LeaseAll(a)[0], 0)]));
    }

    [Fact]
    public void An_owner_that_commits_or_says_it_lives_keeps_its_documents()
    {
        var other = new SetClock();
        using var a = _stores.Open();
        using var b = _stores.Open(other);
        _ = a.Accept([Stores.Document(id: "a")]);
        var lease = Stores.LeaseAll(a)[0];
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(0, b.TakeFromTheDead());
            other.Pass(LeaseTime * 0.9);
            Assert.True(i % 2 == 0 ? a.Beat() : Stores.Commit(a, [Stores.Segment(lease, i / 2)])[0]);
        }
    }

    [Fact]
    public void A_clock_that_is_wrong_by_years_takes_nothing_from_anybody()
    {
        var right = new SetClock();
        using var a = _stores.Open(right);
        _ = a.Accept([Stores.Document(id: "a")]);
        _ = Stores.LeaseAll(a);
        foreach (var years in new[] { -40, 40 })
        {
            using var b = _stores.Open(new SetClock(right.Wall.AddYears(years)));
            Assert.Equal(0, b.TakeFromTheDead());
            Assert.Empty(Stores.LeaseAll(b));
            Assert.InRange(b.Now - a.Now, -1, 1);
        }
    }

    [Fact]
    public void Only_what_was_being_tried_when_a_process_died_is_suspected_and_too_often_is_a_dead_letter()
    {
        using var last = _stores.Open();
        _ = last.Accept([Stores.Document(id: "poison"), Stores.Document(id: "bystander"), Stores.Document(id: "begun")]);
        for (var i = 1; i <= 3; i++)
        {
            var a = _stores.Open();
            var leases = Stores.LeaseAll(a).ToDictionary(lease => lease.Id);
            Assert.Equal(i > 1, leases["poison"].Alone);
            Assert.False(leases["bystander"].Alone);
            Assert.Empty(a.Try([leases["poison"], leases["begun"]]));
            if (i <= 2)
                Assert.Equal([true], Stores.Commit(a, [Stores.Segment(leases["begun"], i - 1, of: 9)]));      // it lived through its first segment of this attempt
            a.Dispose();
            Assert.Equal(3, last.TakeFromTheDead());
        }
        var dead = last.Find("poison")!;
        Assert.Equal(DocumentStatus.Failed, dead.Status);
        Assert.Contains("3 times", dead.Error, StringComparison.Ordinal);
        Assert.Equal(["bystander", "begun"], Stores.LeaseAll(last).Select(lease => lease.Id));

        Assert.True(last.Requeue("poison"));
        Assert.False(last.Requeue("poison"));
        Assert.Equal(["poison"], Stores.LeaseAll(last).Select(lease => lease.Id));
    }
}
