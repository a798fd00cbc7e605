using System.Globalization;
using Rmt.Adapter;
using Rmt.Host.Drawing;

namespace Rmt.Host.Evaluation;

/// <summary>How often models are right at some lengths: figure 5 of the paper, where they were trained on more and more segments.</summary>
/// <param name="models">What rows are: <c>trained on, segments</c>, or <c>model</c>.</param>
internal sealed class SegmentMatrix(string models)
{
    private readonly Dictionary<(string Model, int Segments), Proportion> _cells = [];

    /// <summary>Rows, in the order in which they were measured.</summary>
    public IReadOnlyList<string> Models => [.. _cells.Keys.Select(cell => cell.Model).Distinct()];

    /// <summary>Columns, in ascending order.</summary>
    public IReadOnlyList<int> Segments => [.. _cells.Keys.Select(cell => cell.Segments).Distinct().Order()];

    /// <summary>Accuracy of a model on documents of so many segments; null where it was not measured.</summary>
    public Proportion? this[string model, int segments]
    {
        get => _cells.TryGetValue((model, segments), out var cell) ? cell : null;
        set => _cells[(model, segments)] = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>A table of percents as the paper's, with a row a model.</summary>
    public void WriteMarkdown(TextWriter output)
    {
        Line([models, .. Segments.Select(Number)]);
        Line(["---", .. Segments.Select(_ => "---:")]);
        foreach (var model in Models)
            Line([ReportFiles.Cell(model), .. Segments.Select(segments => this[model, segments] is { } cell ? Percent(cell.Value) : "")]);

        void Line(IEnumerable<string> cells) => output.Write($"| {string.Join(" | ", cells)} |\n");
    }

    /// <summary>The figure: the darker the more often right.</summary>
    public HeatTable Figure(string title)
    {
        var (rows, columns) = (Models, Segments);
        return new(title, "Accuracy in percent, after figure 5 of arXiv 2304.11062. Grey was not measured.", "accuracy, %", models, "evaluated on, segments", rows, [.. columns.Select(Number)],
            (row, column) => this[rows[row], columns[column]] is { } cell ? new(cell.Value, Percent(cell.Value)) : null);
    }

    /// <summary>100, 99.9, 17.6: of a hundred, to a tenth; never 100 where one was wrong.</summary>
    public static string Percent(double share) => (share < 1 ? Math.Min(99.9, Math.Round(100 * share, 1)) : 100).ToString("0.#", CultureInfo.InvariantCulture);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
