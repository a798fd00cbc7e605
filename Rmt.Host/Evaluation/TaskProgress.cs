using System.Globalization;
using Rmt.Host.Reading;

namespace Rmt.Host.Evaluation;

/// <summary>How far an evaluation is, and how long it will take if it goes on so, told on stderr.</summary>
internal sealed class TaskProgress
{
    private readonly long _samples, _segments;
    private readonly ProgressLine _line;
    private long _samplesRead, _segmentsRead;

    /// <param name="terminal">Whose stderr.</param>
    /// <param name="samples">Of all models.</param>
    /// <param name="segments">Of all samples.</param>
    public TaskProgress(Terminal terminal, long samples, long segments) => (_samples, _segments, _line) = (samples, segments, new(terminal, Describe));

    public void SampleRead() => _samplesRead++;

    public void SegmentRead() => _segmentsRead++;

    public void Show() => _line.Show();

    public void Clear() => _line.Clear();

    /// <summary>The answer to Ctrl-C.</summary>
    public void Interrupted() => _line.Interrupted();

    private string Describe()
    {
        var seconds = _line.Elapsed.TotalSeconds;
        var left = _segmentsRead == 0 ? "" : $"; {Time(seconds * (_segments - _segmentsRead) / _segmentsRead)} left";
        return string.Create(CultureInfo.InvariantCulture, $"{_samplesRead:N0} of {_samples:N0} samples, {_segmentsRead:N0} of {_segments:N0} segments; {_segmentsRead / Math.Max(seconds, 1e-3):N0} segments/s; {Time(seconds)}{left}");
    }

    private static string Time(double seconds) => TimeSpan.FromSeconds(Math.Min(seconds, 1e9)) is var time && time.TotalMinutes < 2
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds:F0} s")
        : time.TotalHours < 2 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:F0} min") : string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:F1} h");
}
