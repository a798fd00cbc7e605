using System.Globalization;

namespace Rmt.Host.Reading;

/// <summary>What was done so far, told on stderr: a line that is written over on a terminal, else a line now and then.</summary>
internal sealed class Progress(Terminal terminal)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1), OnTerminal = TimeSpan.FromSeconds(0.2), OnFile = TimeSpan.FromSeconds(10);
    private const string EraseLine = "\r\u001b[K";

    private readonly long _begun = terminal.Clock.GetTimestamp();
    private TimeSpan _nextTime = terminal.ErrorIsTerminal ? Quiet : OnFile;
    private bool _shown;

    public int Documents { get; private set; }
    public int Failed { get; private set; }
    public long SegmentsRead { get; private set; }
    public long SegmentsKnown { get; private set; }

    public void DocumentBegun(int segments) => SegmentsKnown += segments;

    public void SegmentRead() => SegmentsRead++;

    public void DocumentDone() => Documents++;

    public void DocumentFailed() => Failed++;

    /// <summary>Tells what was done, if it is time again.</summary>
    public void Show()
    {
        var elapsed = terminal.Clock.GetElapsedTime(_begun);
        if (elapsed < _nextTime)
            return;
        _nextTime = elapsed + (terminal.ErrorIsTerminal ? OnTerminal : OnFile);
        if (terminal.ErrorIsTerminal)
            terminal.Error.Write($"{EraseLine}{Describe()}");
        else
            terminal.Error.WriteLine($"rmt: {Describe()}");
        _shown = terminal.ErrorIsTerminal;
    }

    /// <summary>Makes room for something else on the terminal.</summary>
    public void Clear()
    {
        if (_shown)
            terminal.Error.Write(EraseLine);
        _shown = false;
    }

    /// <summary>The answer to Ctrl-C.</summary>
    public void Interrupted()
    {
        Clear();
        terminal.Error.WriteLine($"rmt: cancelled, ending after the step in progress: {Describe()} (again Ctrl-C ends at once)");
    }

    public string Describe() => string.Create(CultureInfo.InvariantCulture,
        $"{Documents} documents done{(Failed == 0 ? "" : $", {Failed} failed")}; {SegmentsRead} of {SegmentsKnown} segments of those begun; {terminal.Clock.GetElapsedTime(_begun).TotalSeconds:F1} s");
}
