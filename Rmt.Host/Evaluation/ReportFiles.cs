using System.Text;
using Rmt.Loaders;

namespace Rmt.Host.Evaluation;

/// <summary>A report as people read it, and beside it what programs read and a figure: FILE.md, FILE.csv, FILE.svg.</summary>
/// <param name="path">FILE.md.</param>
internal sealed class ReportFiles(string path)
{
    /// <summary>Creates or replaces FILE.md.</summary>
    public void Markdown(Action<TextWriter> write) => Write(path, write);

    /// <summary>Creates or replaces FILE.csv.</summary>
    public void Csv(Action<TextWriter> write) => Write(Path.ChangeExtension(path, ".csv"), write);

    /// <summary>Where a figure belongs: FILE.svg, or FILE.PART.svg.</summary>
    public string Figure(string? part = null) => Path.ChangeExtension(path, part is null ? ".svg" : $".{part}.svg");

    /// <summary>A field of CSV, in quotes where it must be.</summary>
    public static string Field(string text) => text.AsSpan().IndexOfAny(",\"\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A cell of a Markdown table.</summary>
    public static string Cell(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);

    private static void Write(string path, Action<TextWriter> write) => AtomicFile.Write(path, stream =>
    {
        using var output = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        write(output);
    });
}
