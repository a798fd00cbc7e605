using System.Globalization;

namespace Rmt.Host.Drawing;

/// <summary>Lines over two plain axes, whose ends are round numbers around what is shown, with a legend beside them.</summary>
/// <param name="title">What is shown.</param>
/// <param name="note">How it was found.</param>
/// <param name="xTitle">With its unit; whole numbers.</param>
/// <param name="yTitle">With its unit.</param>
/// <param name="lines">One at least, up to four.</param>
internal sealed class LineChart(string title, string note, string xTitle, string yTitle, IReadOnlyList<ChartLine> lines)
{
    private const int Left = 90, Top = 70, Width = 520, Height = 300, Bottom = 60, LegendGap = 24, Sample = 28, MostSteps = 6;
    private const string GridColour = "#dddddd";
    private static readonly string[] Colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];
    private static readonly double[] Rounds = [1, 2, 5, 10];

    private readonly Axis _x = Axis.Around(lines.SelectMany(line => line.Points).Select(point => point.X), least: 1);
    private readonly Axis _y = Axis.Around(lines.SelectMany(line => line.Points).Select(point => point.Y), least: 0.001);

    /// <summary>Creates or replaces a file, all or nothing.</summary>
    public void Write(string path) =>
        Svg.Write(path, title, Left + Width + LegendGap + Sample + 10 + 7 * lines.Max(line => line.Name.Length) + Svg.Margin, Top + Height + Bottom, Draw);

    private void Draw(Svg svg)
    {
        svg.Text(Svg.Margin, 48, note, 10, Svg.Grey);
        foreach (var value in _x.Values)
            svg.Text(Math.Round(X(value), 2), Top + Height + 16, Name(value), 10, Svg.Ink, anchor: "middle");
        foreach (var value in _y.Values)
        {
            svg.Line([(Left, Y(value)), (Left + Width, Y(value))], GridColour);
            svg.Text(Left - 6, Math.Round(Y(value) + 4, 2), Name(value), 10, Svg.Ink, anchor: "end");
        }
        svg.Frame(Left, Top, Width, Height, Svg.Ink);
        svg.Text(Left + Width / 2, Top + Height + 42, xTitle, 11, Svg.Ink, anchor: "middle");
        svg.Text(Svg.Margin + 6, Top + Height / 2, yTitle, 11, Svg.Ink, anchor: "middle", turned: true);
        foreach (var (i, line) in lines.Index())
        {
            var (colour, left, middle) = (Colours[i % Colours.Length], Left + Width + LegendGap, Top + 10 + 20 * i);
            svg.Line(line.Points.Select(point => (X(point.X), Y(point.Y))), colour, 1.8);
            foreach (var (x, y) in line.Points)
                svg.Rectangle(Math.Round(X(x) - 2, 2), Math.Round(Y(y) - 2, 2), 4, 4, colour);
            svg.Line([(left, middle), (left + Sample, middle)], colour, 1.8);
            svg.Text(left + Sample + 8, middle + 4, line.Name, 11, Svg.Ink);
        }
    }

    private double X(double value) => Left + Width * _x.Share(value);

    private double Y(double value) => Top + Height * (1 - _y.Share(value));

    private static string Name(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>From a multiple of a round step below the least value to one above the largest.</summary>
    private readonly record struct Axis(double First, double Last, double Step)
    {
        public IEnumerable<double> Values
        {
            get
            {
                var (first, step) = (First, Step);
                return Enumerable.Range(0, (int)Math.Round((Last - First) / Step) + 1).Select(i => first + i * step);
            }
        }

        public static Axis Around(IEnumerable<double> values, double least)
        {
            var all = values.ToList();
            var (low, high) = (all.Min(), all.Max());
            var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(least, (high - low) / MostSteps))));
            var step = Math.Max(least, Rounds.First(factor => factor * power * MostSteps >= high - low) * power);
            var first = Math.Floor(low / step + 1e-9) * step;
            return new(first, Math.Max(first + step, Math.Ceiling(high / step - 1e-9) * step), step);
        }

        public double Share(double value) => (value - First) / (Last - First);
    }
}
