using System.Globalization;
using Rmt.Host.Evaluation;

namespace Rmt.Host.Output;

/// <summary>What was said of labelled documents, for people: how often right, and what each label was taken for.</summary>
internal sealed class ConfusionTables(Terminal terminal) : IRecordWriter
{
    public void Write(IRecord record)
    {
        if (record is not ConfusionRecord said)
            return;
        terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{said.Documents:N0} documents, accuracy {SegmentMatrix.Percent(said.Accuracy)} %, macro-F1 {said.MacroF1:F4}"));
        using var table = new TableWriter(terminal, ["label", .. said.Confusion.Keys.Select(label => $"as {label}")], row => ((Row)row).Cells);
        foreach (var (label, taken) in said.Confusion)
            table.Write(new Row([label, .. taken.Values.Select(count => count.ToString("N0", CultureInfo.InvariantCulture))]));
    }

    public void Dispose()
    {
    }

    private sealed record Row(string[] Cells) : IRecord;
}
