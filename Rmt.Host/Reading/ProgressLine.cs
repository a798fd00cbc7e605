namespace Rmt.Host.Reading;

/// <summary>How far the work is, told on stderr: a line that is written over on a terminal, else a line now and then.</summary>
/// <param name="terminal">Whose stderr.</param>
/// <param name="describe">What is told.</param>
/// <param name="ending">What Ctrl-C makes of the work.</param>
internal sealed class ProgressLine(Terminal terminal, Func<string> describe, string ending = "ending after the step in progress")
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1), OnTerminal = TimeSpan.FromSeconds(0.2), OnFile = TimeSpan.FromSeconds(10);
    private const string EraseLine = "\r\u001b[K";

    private readonly long _begun = terminal.Clock.GetTimestamp();
    private TimeSpan _nextTime = terminal.ErrorIsTerminal ? Quiet : OnFile;
    private bool _shown;

    /// <summary>Since the work began.</summary>
    public TimeSpan Elapsed => terminal.Clock.GetElapsedTime(_begun);

    /// <summary>Tells what was done, if it is time again.</summary>
    public void Show()
    {
        var elapsed = Elapsed;
        if (elapsed < _nextTime)
            return;
        _nextTime = elapsed + (terminal.ErrorIsTerminal ? OnTerminal : OnFile);
        if (terminal.ErrorIsTerminal)
            terminal.Error.Write($"{EraseLine}{describe()}");
        else
            terminal.Error.WriteLine($"rmt: {describe()}");
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
        terminal.Error.WriteLine($"rmt: cancelled, {ending}: {describe()} (again Ctrl-C ends at once)");
    }
}
