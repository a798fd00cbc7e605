using System.Globalization;

namespace Rmt.Host.Reading;

/// <summary>How many documents were read so far, told on stderr.</summary>
internal sealed class Progress
{
    private readonly ProgressLine _line;

    private readonly int? _total;

    /// <param name="terminal">Whose stderr.</param>
    /// <param name="total">All documents there are, where that is known.</param>
    public Progress(Terminal terminal, int? total = null) => (_total, _line) = (total, new(terminal, Describe));

    public int Documents { get; private set; }
    public int Failed { get; private set; }
    public long SegmentsRead { get; private set; }
    public long SegmentsKnown { get; private set; }

    public void DocumentBegun(int segments) => SegmentsKnown += segments;

    public void SegmentRead() => SegmentsRead++;

    public void DocumentDone() => Documents++;

    public void DocumentFailed() => Failed++;

    public void Show() => _line.Show();

    public void Clear() => _line.Clear();

    /// <summary>The answer to Ctrl-C.</summary>
    public void Interrupted() => _line.Interrupted();

    public string Describe() => string.Create(CultureInfo.InvariantCulture,
        $"{Documents}{(_total is { } all ? $" of {all}" : "")} documents done{(Failed == 0 ? "" : $", {Failed} failed")}; {SegmentsRead} of {SegmentsKnown} segments of those begun; {_line.Elapsed.TotalSeconds:F1} s");
}
