using Rmt.Host.Tests.Doubles;
using Rmt.Testing;

namespace Rmt.Host.Tests;

public sealed class CancellationTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cancelled_work_gives_out_what_is_read_says_so_and_frees_the_model()
    {
        var steps = 0;
        Session session = null!;
        session = new Session { Prepare = reader => reader.BeforeStep = () => { if (++steps == 3) session.Cancellation.Cancel(); } };
        using (session)
        {
            var lengthy = _folder.Write("long.txt", string.Join(' ', Enumerable.Repeat("word", 100)));
            var brief = _folder.Write("brief.txt", "word");
            Assert.Equal(ExitCode.Cancelled, session.Run("classify", lengthy, brief));
            Assert.Equal(3, steps);
            Assert.Equal(brief, Assert.Single(session.Records).GetProperty("source").GetString());
            Assert.StartsWith("rmt: cancelled, ending after the step in progress: 1 documents done; 3 of 26 segments of those begun", session.Error, StringComparison.Ordinal);
            Assert.True(session.Reader!.IsDisposed);
        }
    }

    [Fact]
    public void Cancelled_before_anything_was_read_ends_too()
    {
        using var session = Session.WithInput("a b");
        session.Cancellation.Cancel();
        Assert.Equal(ExitCode.Cancelled, session.Run("classify", "-"));
        Assert.Equal(ExitCode.Cancelled, session.Run("tokenize", "-"));
        Assert.Equal("", session.Out);
    }

    [Fact]
    public void Progress_is_a_line_every_ten_seconds_where_nobody_watches()
    {
        var clock = new SteppedClock();
        using var session = new Session { Input = "a b c d e f g h i j k l"u8.ToArray(), Clock = clock, Prepare = reader => reader.BeforeStep = () => clock.Advance(TimeSpan.FromSeconds(6)) };
        Assert.Equal(ExitCode.Ok, session.Run("classify", "-"));
        Assert.Equal("rmt: 0 documents done; 2 of 3 segments of those begun; 12.0 s\n", session.Error);
        Assert.Equal(18, session.Records[0].GetProperty("seconds").GetDouble(), 3);
    }

    [Fact]
    public void Progress_on_a_terminal_is_one_line_that_leaves_no_trace()
    {
        var clock = new SteppedClock();
        using var session = new Session { OnTerminal = true, Input = "a b c d e f g h"u8.ToArray(), Clock = clock, Prepare = reader => reader.BeforeStep = () => clock.Advance(TimeSpan.FromSeconds(2)) };
        Assert.Equal(ExitCode.Ok, session.Run("classify", "-"));
        Assert.Contains("\r\u001b[K0 documents done; 1 of 2 segments", session.Error, StringComparison.Ordinal);
        Assert.EndsWith("\r\u001b[K", session.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", session.Error, StringComparison.Ordinal);
    }

    private sealed class SteppedClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;
    }
}
