using System.Globalization;
using Rmt.Host.Drawing;

namespace Rmt.Host.Training;

/// <summary>Loss and accuracy over all updates of a training, its stages marked.</summary>
/// <param name="lines">Of its log, in their order.</param>
internal sealed class TrainingChart(IReadOnlyList<LogLine> lines)
{
    private const int Left = 76, Width = 760, Top = 80, Height = 220, Gap = 50, Bottom = 60, MostPoints = Width / 2;
    private static readonly double[] Rounds = [1, 2, 4, 8, 10];
    private const string LossColour = "#0072b2", AccuracyColour = "#d55e00", GridColour = "#dddddd", StageColour = "#999999";

    /// <summary>Creates or replaces a file, all or nothing; nothing is drawn before the first update.</summary>
    public void Write(string path)
    {
        var updates = lines.Where(line => line.Event == "update").ToList();
        if (updates.Count > 0)
            Svg.Write(path, "Loss and accuracy of a training", Left + Width + Svg.Margin, Top + 2 * Height + Gap + Bottom, svg => Draw(svg, updates));
    }

    private void Draw(Svg svg, List<LogLine> updates)
    {
        svg.Text(Svg.Margin, 48, "Loss of the training documents (blue line), loss of the validation documents (orange dots); below, accuracy on the validation documents.", 10, Svg.Grey);
        double X(double at) => Left + Width * at / updates.Count;
        var evaluations = Places().ToList();
        var highest = Ceiling(updates.Concat(evaluations.Select(made => made.Line)).Max(line => line.Loss ?? 0));
        double OfLoss(double loss) => Top + Height * (1 - Math.Min(1, loss / highest));
        double OfAccuracy(double accuracy) => Top + 2 * Height + Gap - Height * accuracy;

        foreach (var part in Enumerable.Range(0, 5).Select(i => i / 4.0))
        {
            Grid(svg, OfLoss(part * highest), (part * highest).ToString("0.##", CultureInfo.InvariantCulture));
            Grid(svg, OfAccuracy(part), part.ToString("0%", CultureInfo.InvariantCulture));
        }
        Stages(svg, updates, X);
        svg.Line(Binned(updates).Select(point => (X(point.At), OfLoss(point.Loss))), LossColour, 1.4);
        foreach (var (at, line) in evaluations)
            svg.Rectangle(Math.Round(X(at) - 2.5, 2), Math.Round(OfLoss(line.Loss ?? 0) - 2.5, 2), 5, 5, AccuracyColour);
        svg.Line(evaluations.Select(made => (X(made.At), OfAccuracy(made.Line.Accuracy ?? 0))), AccuracyColour, 1.6);
        foreach (var (at, line) in evaluations)
            svg.Rectangle(Math.Round(X(at) - 2, 2), Math.Round(OfAccuracy(line.Accuracy ?? 0) - 2, 2), 4, 4, AccuracyColour);
        foreach (var (top, title) in new[] { (Top, "loss, nats"), (Top + Height + Gap, "accuracy") })
        {
            svg.Frame(Left, top, Width, Height, Svg.Ink);
            svg.Text(Svg.Margin + 6, top + Height / 2, title, 11, Svg.Ink, anchor: "middle", turned: true);
        }
        svg.Text(Left, Top + 2 * Height + Gap + 18, "0", 10, Svg.Ink, anchor: "middle");
        svg.Text(Left + Width, Top + 2 * Height + Gap + 18, updates.Count.ToString("N0", CultureInfo.InvariantCulture), 10, Svg.Ink, anchor: "end");
        svg.Text(Left + Width / 2, Top + 2 * Height + Gap + 36, "updates", 11, Svg.Ink, anchor: "middle");
    }

    private static void Grid(Svg svg, double y, string label)
    {
        svg.Line([(Left, y), (Left + Width, y)], GridColour);
        svg.Text(Left - 6, Math.Round(y + 4, 2), label, 10, Svg.Ink, anchor: "end");
    }

    // A line where a stage or an attempt begins; its name where there is room for one.
    private static void Stages(Svg svg, List<LogLine> updates, Func<double, double> x)
    {
        var free = double.NegativeInfinity;
        for (var i = 0; i < updates.Count; i++)
        {
            if (i > 0 && (updates[i].Stage, updates[i].Attempt) == (updates[i - 1].Stage, updates[i - 1].Attempt))
                continue;
            var at = Math.Round(x(i), 2);
            if (i > 0)
                foreach (var top in new[] { Top, Top + Height + Gap })
                    svg.Line([(at, top), (at, top + Height)], StageColour, dashes: "4 3");
            var name = $"{updates[i].Segments}{(updates[i].Attempt > 0 ? $", attempt {updates[i].Attempt + 1}" : i == 0 ? updates[i].Segments == 1 ? " segment" : " segments" : "")}";
            if (at < free)
                continue;
            svg.Text(at + 2, Top - 6, name, 10, Svg.Grey);
            free = at + 6 * name.Length + 8;
        }
    }

    // How many updates were made, all attempts counted, when an evaluation was.
    private IEnumerable<(int At, LogLine Line)> Places()
    {
        var made = 0;
        foreach (var line in lines)
        {
            made += line.Event == "update" ? 1 : 0;
            if (line.Event == "evaluation")
                yield return (made, line);
        }
    }

    private static IEnumerable<(double At, double Loss)> Binned(List<LogLine> updates)
    {
        var size = Math.Max(1, (updates.Count + MostPoints - 1) / MostPoints);
        return updates.Select(line => line.Loss ?? 0).Chunk(size).Select((bin, index) => (index * (double)size + (bin.Length + 1) / 2.0, bin.Average()));
    }

    // Steps of which four make round numbers.
    private static double Ceiling(double value)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(value, 1e-6))));
        return Rounds.First(factor => factor * power >= value) * power;
    }
}
