using System.Globalization;

namespace Rmt.Host.Drawing;

/// <summary>A cell of a heat table.</summary>
/// <param name="Share">0 to 1: how dark.</param>
/// <param name="Text">What stands in it.</param>
internal readonly record struct HeatCell(double Share, string Text);

/// <summary>A table whose cells are the darker the larger their share, with a legend in percent. A cell that is null is grey.</summary>
/// <param name="title">What is shown.</param>
/// <param name="note">How to read it.</param>
/// <param name="share">What the colour means.</param>
/// <param name="rowTitle">What rows are.</param>
/// <param name="columnTitle">What columns are.</param>
/// <param name="rows">At least one.</param>
/// <param name="columns">At least one.</param>
/// <param name="cells">By row and column.</param>
internal sealed class HeatTable(
    string title, string note, string share, string rowTitle, string columnTitle, IReadOnlyList<string> rows, IReadOnlyList<string> columns, Func<int, int, HeatCell?> cells)
{
    private const int RowHeight = 44, LeastCell = 44, Letter = 7, Top = 84, Bottom = 58, LegendGap = 28, LegendWidth = 16, LegendRoom = 110, LeastWidth = 560, LeastHeight = 150, Steps = 50;
    private const int LongestName = 24;
    private const string Nothing = "#eeeeee";

    private readonly List<string> _rows = Shortened(rows), _columns = Shortened(columns);

    private int Left => 70 + Letter * _rows.Max(name => name.Length);

    private int Cell => Math.Max(LeastCell, 12 + Letter * Math.Max(_columns.Max(name => name.Length), Texts().Max(text => text.Length)));

    private int Width => Cell * _columns.Count;

    private int Height => RowHeight * _rows.Count;

    /// <summary>Creates or replaces a file, all or nothing.</summary>
    public void Write(string path) =>
        Svg.Write(path, title, Math.Max(LeastWidth, Left + Width + LegendGap + LegendRoom), Top + Math.Max(Height, LeastHeight) + Bottom, Draw);

    private void Draw(Svg svg)
    {
        var (left, cell, width, height) = (Left, Cell, Width, Height);
        svg.Text(Svg.Margin, 48, note, 10, Svg.Grey);
        svg.BeginCells();
        for (var row = 0; row < _rows.Count; row++)
            for (var column = 0; column < _columns.Count; column++)
                svg.Rectangle(left + column * cell, Top + row * RowHeight, cell, RowHeight, cells(row, column) is { } value ? HeatColours.Of(value.Share) : Nothing);
        svg.Frame(left, Top, width, height, Svg.Ink);
        svg.EndCells();
        for (var row = 0; row < _rows.Count; row++)
        {
            svg.Text(left - 8, Top + row * RowHeight + RowHeight / 2 + 4, _rows[row], 11, Svg.Ink, anchor: "end");
            for (var column = 0; column < _columns.Count; column++)
                if (cells(row, column) is { } value)
                    svg.Text(left + column * cell + cell / 2, Top + row * RowHeight + RowHeight / 2 + 4, value.Text, 11, value.Share > 0.55 ? "#ffffff" : Svg.Ink, anchor: "middle");
        }
        for (var column = 0; column < _columns.Count; column++)
            svg.Text(left + column * cell + cell / 2, Top + height + 18, _columns[column], 11, Svg.Ink, anchor: "middle");
        svg.Text(left, Top + height + 42, columnTitle, 11, Svg.Ink);
        svg.Text(Svg.Margin + 10, Top + Math.Max(height / 2, rowTitle.Length * Letter / 2), rowTitle, 11, Svg.Ink, anchor: "middle", turned: true);
        Legend(svg, left + width + LegendGap, Math.Max(height, LeastHeight));
    }

    private void Legend(Svg svg, int left, int height)
    {
        svg.Text(left, Top - 10, share, 10, Svg.Grey);
        svg.BeginCells();
        for (var i = 0; i < Steps; i++)
            svg.Rectangle(left, Top + Math.Round((double)height * i / Steps, 2), LegendWidth, Math.Round((double)height / Steps + 0.5, 2), HeatColours.Of(1 - i / (Steps - 1.0)));
        svg.Frame(left, Top, LegendWidth, height, Svg.Ink);
        svg.EndCells();
        for (var percent = 0; percent <= 100; percent += 25)
            svg.Text(left + LegendWidth + 6, Math.Round(Top + height * (1 - percent / 100.0) + 4, 2), percent.ToString(CultureInfo.InvariantCulture), 10, Svg.Ink);
    }

    private IEnumerable<string> Texts() =>
        from row in Enumerable.Range(0, _rows.Count) from column in Enumerable.Range(0, _columns.Count) select cells(row, column)?.Text ?? "";

    private static List<string> Shortened(IEnumerable<string> names) => [.. names.Select(name => Svg.Short(name, LongestName))];
}
