using System.Globalization;

namespace Rmt.Host.Drawing;

/// <summary>A line of a chart.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Points">In the order of x; both above 0.</param>
/// <param name="Dashed">Set apart from the others.</param>
internal sealed record ChartLine(string Name, IReadOnlyList<(double X, double Y)> Points, bool Dashed = false);

/// <summary>Lines over two logarithmic axes, whole decades each, with a legend beside them.</summary>
/// <param name="title">What is shown.</param>
/// <param name="note">How it was found.</param>
/// <param name="xTitle">With its unit.</param>
/// <param name="yTitle">With its unit.</param>
/// <param name="lines">One at least.</param>
internal sealed class LogChart(string title, string note, string xTitle, string yTitle, IReadOnlyList<ChartLine> lines)
{
    private const int Left = 116, Top = 70, Width = 520, Height = 380, Bottom = 60, LegendGap = 24, Sample = 28;
    private const string GridColour = "#dddddd";

    // Okabe and Ito's, which the colour-blind can tell apart; black is kept for the dashed one.
    private static readonly string[] Colours = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#8c6d31", "#7b68a6"];

    private readonly Decades _x = Decades.Around(lines.SelectMany(line => line.Points).Select(point => point.X));
    private readonly Decades _y = Decades.Around(lines.SelectMany(line => line.Points).Select(point => point.Y));

    /// <summary>Creates or replaces a file, all or nothing.</summary>
    public void Write(string path)
    {
        var legend = Sample + 10 + 7 * lines.Max(line => line.Name.Length);
        Svg.Write(path, title, Left + Width + LegendGap + legend + Svg.Margin, Math.Max(Top + Height + Bottom, Top + 20 * lines.Count + Svg.Margin), Draw);
    }

    private void Draw(Svg svg)
    {
        svg.Text(Svg.Margin, 48, note, 10, Svg.Grey);
        Axes(svg);
        var order = lines.OrderByDescending(line => line.Points[^1].Y).ToList();      // the legend as the lines end
        for (var i = 0; i < lines.Count; i++)
        {
            var (line, dashes) = (lines[i], lines[i].Dashed ? "7 4" : null);
            var (colour, width) = line.Dashed ? (Svg.Ink, 2.5) : (Colours[i % Colours.Length], 1.8);
            svg.Line(line.Points.Select(point => (X(point.X), Y(point.Y))), colour, width, dashes);
            foreach (var (x, y) in line.Points)
                svg.Rectangle(Math.Round(X(x) - 2, 2), Math.Round(Y(y) - 2, 2), 4, 4, colour);
            var (left, middle) = (Left + Width + LegendGap, Top + 10 + 20 * order.IndexOf(line));
            svg.Line([(left, middle), (left + Sample, middle)], colour, width, dashes);
            svg.Text(left + Sample + 8, middle + 4, line.Name, 11, Svg.Ink);
        }
    }

    private void Axes(Svg svg)
    {
        for (var power = _x.First; power <= _x.Last; power++)
        {
            var x = Math.Round(X(Math.Pow(10, power)), 2);
            svg.Line([(x, Top), (x, Top + Height)], GridColour);
            svg.Text(x, Top + Height + 16, Name(power), 10, Svg.Ink, anchor: "middle");
        }
        for (var power = _y.First; power <= _y.Last; power++)
        {
            var y = Math.Round(Y(Math.Pow(10, power)), 2);
            svg.Line([(Left, y), (Left + Width, y)], GridColour);
            svg.Text(Left - 6, y + 4, Name(power), 10, Svg.Ink, anchor: "end");
        }
        svg.Frame(Left, Top, Width, Height, Svg.Ink);
        svg.Text(Left + Width / 2, Top + Height + 42, xTitle, 11, Svg.Ink, anchor: "middle");
        svg.Text(Svg.Margin + 6, Top + Height / 2, yTitle, 11, Svg.Ink, anchor: "middle", turned: true);
    }

    private double X(double value) => Left + Width * _x.Share(value);

    private double Y(double value) => Top + Height * (1 - _y.Share(value));

    private static string Name(int power) => power is >= 0 and <= 7
        ? Math.Pow(10, power).ToString("N0", CultureInfo.InvariantCulture)
        : $"10{string.Concat(power.ToString(CultureInfo.InvariantCulture).Select(digit => digit == '-' ? '⁻' : "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit - '0']))}";

    /// <summary>The powers of ten from below the least value to above the largest.</summary>
    private readonly record struct Decades(int First, int Last)
    {
        public static Decades Around(IEnumerable<double> values)
        {
            var logs = values.Select(Math.Log10).ToList();
            var first = (int)Math.Floor(logs.Min());
            return new(first, Math.Max(first + 1, (int)Math.Ceiling(logs.Max())));
        }

        public double Share(double value) => (Math.Log10(value) - First) / (Last - First);
    }
}
