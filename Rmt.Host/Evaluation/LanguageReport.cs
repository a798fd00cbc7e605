using System.Globalization;
using Rmt.Host.Drawing;
using Rmt.Host.Output;

namespace Rmt.Host.Evaluation;

/// <summary>What a language model loses by segment, as Markdown, CSV and a figure.</summary>
/// <param name="records">At least one segment.</param>
/// <param name="settings">What else there is to know of them.</param>
internal sealed class LanguageReport(IReadOnlyList<IRecord> records, string settings)
{
    private const string Title = "Loss by segment, nats a token";

    /// <summary>Creates or replaces the files.</summary>
    public void Write(ReportFiles files)
    {
        files.Markdown(output =>
        {
            output.Write($"# {Title}\n\n{settings} Memory as it was carried there, reset before every segment, or left by another document at the same place.\n\n");
            output.Write("| segment | documents | tokens | carried | reset | another's |\n|---|---:|---:|---:|---:|---:|\n");
            foreach (var record in records)
                output.Write(record switch
                {
                    SegmentLossRecord one => Row($"{one.Segment}", one.Documents, one.Tokens, one.Carried, one.Reset, one.Other),
                    LaterLossRecord all => Row($"from {all.FromSegment} on", all.Documents, all.Tokens, all.Carried, all.Reset, all.Other),
                    _ => throw new InvalidOperationException($"{record.GetType().Name} is no loss"),
                });
            output.Write($"\n![{Title}]({Uri.EscapeDataString(Path.GetFileName(files.Figure()))})\n");
        });
        files.Csv(output =>
        {
            output.Write("segment,documents,tokens,carried,reset,other\n");
            foreach (var one in Segments)
                output.Write(string.Create(CultureInfo.InvariantCulture, $"{one.Segment},{one.Documents},{one.Tokens},{one.Carried},{one.Reset},{one.Other}\n"));
        });
        ChartLine Line(string name, Func<SegmentLossRecord, double> loss) => new(name, [.. Segments.Select(one => ((double)one.Segment, loss(one)))]);
        new LineChart(Title, settings, "segment", "loss, nats a token", [Line("carried memory", one => one.Carried), Line("memory reset", one => one.Reset), Line("another document's", one => one.Other)])
            .Write(files.Figure());
    }

    public static string Nats(double loss) => loss.ToString("0.0000", CultureInfo.InvariantCulture);

    private IEnumerable<SegmentLossRecord> Segments => records.OfType<SegmentLossRecord>();

    private static string Row(string segment, long documents, long tokens, double carried, double reset, double other) =>
        string.Create(CultureInfo.InvariantCulture, $"| {segment} | {documents:N0} | {tokens:N0} | {Nats(carried)} | {Nats(reset)} | {Nats(other)} |\n");
}
