using System.Globalization;
using Rmt.Host.Drawing;

namespace Rmt.Host.Evaluation;

/// <summary>Figure 5 of the paper: a cell for each number of segments trained on and evaluated on, the darker the more often right.</summary>
/// <param name="title">Which task, which model.</param>
/// <param name="matrix">At least one cell.</param>
internal sealed class SegmentMatrixSvg(string title, SegmentMatrix matrix)
{
    private const int Cell = 44, Left = 84, Top = 84, Bottom = 58, LegendGap = 28, LegendWidth = 16, LegendRoom = 110, LeastWidth = 560, LeastHeight = 150, Steps = 50;
    private const string NotMeasured = "#eeeeee";

    private readonly IReadOnlyList<int> _rows = matrix.Trained, _columns = matrix.Evaluated;

    private int Width => Cell * _columns.Count;

    private int Height => Cell * _rows.Count;

    /// <summary>Creates or replaces a file, all or nothing.</summary>
    public void Write(string path) =>
        Svg.Write(path, title, Math.Max(LeastWidth, Left + Width + LegendGap + LegendRoom), Top + Math.Max(Height, LeastHeight) + Bottom, Draw);

    private void Draw(Svg svg)
    {
        svg.Text(Svg.Margin, 48, "Accuracy in percent, after figure 5 of arXiv 2304.11062. Grey was not measured.", 10, Svg.Grey);
        svg.BeginCells();
        for (var row = 0; row < _rows.Count; row++)
            for (var column = 0; column < _columns.Count; column++)
                svg.Rectangle(Left + column * Cell, Top + row * Cell, Cell, Cell, matrix[_rows[row], _columns[column]] is { } cell ? HeatColours.Of(cell.Value) : NotMeasured);
        svg.Frame(Left, Top, Width, Height, Svg.Ink);
        svg.EndCells();
        for (var row = 0; row < _rows.Count; row++)
        {
            svg.Text(Left - 8, Top + row * Cell + Cell / 2 + 4, Number(_rows[row]), 11, Svg.Ink, anchor: "end");
            for (var column = 0; column < _columns.Count; column++)
                if (matrix[_rows[row], _columns[column]]?.Value is { } share)
                    svg.Text(Left + column * Cell + Cell / 2, Top + row * Cell + Cell / 2 + 4, SegmentMatrix.Percent(share), 11, share > 0.55 ? "#ffffff" : Svg.Ink, anchor: "middle");
        }
        for (var column = 0; column < _columns.Count; column++)
            svg.Text(Left + column * Cell + Cell / 2, Top + Height + 18, Number(_columns[column]), 11, Svg.Ink, anchor: "middle");
        svg.Text(Left, Top + Height + 42, "evaluated on, segments", 11, Svg.Ink);
        svg.Text(Svg.Margin + 10, Top + Height / 2, "trained on, segments", 11, Svg.Ink, anchor: "middle", turned: true);
        Legend(svg, Left + Width + LegendGap, Math.Max(Height, LeastHeight));
    }

    private static void Legend(Svg svg, int left, int height)
    {
        svg.Text(left, Top - 10, "accuracy, %", 10, Svg.Grey);
        svg.BeginCells();
        for (var i = 0; i < Steps; i++)
            svg.Rectangle(left, Top + Math.Round((double)height * i / Steps, 2), LegendWidth, Math.Round((double)height / Steps + 0.5, 2), HeatColours.Of(1 - i / (Steps - 1.0)));
        svg.Frame(left, Top, LegendWidth, height, Svg.Ink);
        svg.EndCells();
        for (var percent = 0; percent <= 100; percent += 25)
            svg.Text(left + LegendWidth + 6, Math.Round(Top + height * (1 - percent / 100.0) + 4, 2), Number(percent), 10, Svg.Ink);
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
