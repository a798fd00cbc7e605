using System.Globalization;
using Rmt.Adapter;
using Rmt.Host.Drawing;

namespace Rmt.Host.Evaluation;

/// <summary>What was said of labelled documents, as Markdown, CSV and a heat map.</summary>
/// <param name="title">Which documents.</param>
/// <param name="confusion">At least one document.</param>
internal sealed class ConfusionReport(string title, ConfusionMatrix confusion)
{
    private readonly IReadOnlyList<string> _labels = confusion.Labels.Names;

    /// <summary>Creates or replaces the files.</summary>
    public void Write(ReportFiles files)
    {
        files.Markdown(output =>
        {
            var (low, high) = confusion.Accuracy.Interval();
            output.Write($"# {title}\n\n");
            output.Write(string.Create(CultureInfo.InvariantCulture,
                $"{confusion.Count:N0} documents; accuracy {SegmentMatrix.Percent(confusion.Accuracy.Value)} % (95 %: {SegmentMatrix.Percent(low)} to {SegmentMatrix.Percent(high)}); macro-F1 {confusion.MacroF1:0.0000}.\n\n"));
            output.Write($"| label | {string.Join(" | ", _labels.Select(label => $"as {ReportFiles.Cell(label)}"))} | F1 |\n|---|{string.Concat(_labels.Select(_ => "---:|"))}---:|\n");
            for (var truth = 0; truth < _labels.Count; truth++)
                output.Write(string.Create(CultureInfo.InvariantCulture, $"| {ReportFiles.Cell(_labels[truth])} | {string.Join(" | ", Row(truth).Select(count => count.ToString(CultureInfo.InvariantCulture)))} | {confusion.F1(truth):0.0000} |\n"));
            output.Write($"\n![confusion]({Uri.EscapeDataString(Path.GetFileName(files.Figure()))})\n");
        });
        files.Csv(output =>
        {
            output.Write("label,predicted,documents\n");
            for (var truth = 0; truth < _labels.Count; truth++)
                for (var predicted = 0; predicted < _labels.Count; predicted++)
                    output.Write(string.Create(CultureInfo.InvariantCulture, $"{ReportFiles.Field(_labels[truth])},{ReportFiles.Field(_labels[predicted])},{confusion[truth, predicted]}\n"));
        });
        new HeatTable(title, "Documents of a label (row) and what they were taken for (column). The darker, the larger the part of the row.", "of a label, %", "label", "taken for", _labels, _labels, Cell)
            .Write(files.Figure());
    }

    private IEnumerable<long> Row(int truth) => Enumerable.Range(0, _labels.Count).Select(predicted => confusion[truth, predicted]);

    private HeatCell? Cell(int truth, int predicted) =>
        Row(truth).Sum() is > 0 and var all ? new((double)confusion[truth, predicted] / all, confusion[truth, predicted].ToString(CultureInfo.InvariantCulture)) : null;
}
