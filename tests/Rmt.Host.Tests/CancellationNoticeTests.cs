namespace Rmt.Host.Tests;

public sealed class CancellationNoticeTests
{
    // Seen once in a full run: Ctrl-C woke the blocked read first, the work unwound, and nothing was said.
    [Fact]
    public void Work_that_unwinds_before_the_notice_has_its_turn_is_told_of_all_the_same_and_once()
    {
        using var source = new CancellationTokenSource();
        var said = 0;
        var notice = new CancellationNotice(() => said++, source.Token);
        using var wakes = source.Token.Register(() => Task.Run(notice.Dispose, CancellationToken.None).GetAwaiter().GetResult());    // registered later, so it runs first
        source.Cancel();
        Assert.Equal(1, said);
    }

    [Fact]
    public void Cancelled_work_is_told_of_at_once_and_not_again_at_its_end()
    {
        using var source = new CancellationTokenSource();
        var said = 0;
        using (new CancellationNotice(() => said++, source.Token))
        {
            source.Cancel();
            Assert.Equal(1, said);
        }
        Assert.Equal(1, said);
    }

    [Fact]
    public void Work_that_is_not_cancelled_is_not_told_of()
    {
        using var source = new CancellationTokenSource();
        var said = 0;
        new CancellationNotice(() => said++, source.Token).Dispose();
        source.Cancel();
        Assert.Equal(0, said);
    }
}
