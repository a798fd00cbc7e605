using System.Text.Json;

namespace Rmt.Host.Training;

/// <summary>A line of the log. What an event has no value for is left out.</summary>
/// <param name="Event"><c>update</c>, <c>evaluation</c> or <c>stage</c>, its end.</param>
/// <param name="Stage">From 1.</param>
/// <param name="Segments">Of the stage's documents.</param>
/// <param name="Attempt">From 0.</param>
/// <param name="Update">Of the attempt, from 1.</param>
internal sealed record LogLine(string Event, int Stage, int Segments, int Attempt, long Update)
{
    public double? Loss { get; init; }
    public double? Accuracy { get; init; }
    public bool? IsBest { get; init; }
    public double? GradientNorm { get; init; }

    /// <summary>Of the backbone.</summary>
    public double? Rate { get; init; }

    public double? TokensPerSecond { get; init; }
    public string? End { get; init; }

    /// <summary>Of training so far, all parts of it.</summary>
    public double Seconds { get; init; }
}

/// <summary>What happened in a training, a line an event, each written whole before the next begins.</summary>
internal sealed class TrainingLog(string path) : IDisposable
{
    private readonly FileStream _file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);

    public string Path => path;

    /// <summary>Cuts off what lies behind a checkpoint, half a line at the end too: it will happen again.</summary>
    /// <param name="stage">From 1.</param>
    /// <param name="attempt">From 0.</param>
    /// <param name="update">The last that the checkpoint holds.</param>
    /// <returns>The lines that stay.</returns>
    public List<LogLine> Cut(int stage, int attempt, long update)
    {
        var lines = new List<LogLine>();
        var bytes = new byte[_file.Length];
        _file.Position = 0;
        _file.ReadExactly(bytes);
        var kept = 0;
        for (int end; (end = Array.IndexOf(bytes, (byte)'\n', kept)) >= 0; kept = end + 1)
        {
            if (Read(bytes.AsSpan(kept..end)) is not { } line || (line.Stage, line.Attempt, line.Update).CompareTo((stage, attempt, update)) > 0)
                break;
            lines.Add(line);
        }
        _file.SetLength(kept);
        _file.Position = kept;
        return lines;
    }

    public void Write(LogLine line)
    {
        _file.Write([.. JsonSerializer.SerializeToUtf8Bytes(line, LogJson.Default.LogLine), (byte)'\n']);
        _file.Flush();
    }

    /// <summary>To the disk.</summary>
    public void Flush() => _file.Flush(flushToDisk: true);

    public void Dispose() => _file.Dispose();

    private static LogLine? Read(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, LogJson.Default.LogLine);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
