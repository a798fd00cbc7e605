using System.Globalization;
using Rmt.Host.Drawing;

namespace Rmt.Host.Tracing;

/// <summary>Attention maps as figure 6 of the paper has them: who looks at whom, and where memory stands.</summary>
/// <param name="title">Of which document.</param>
/// <param name="panels">In reading order.</param>
/// <param name="columns">Maps side by side.</param>
internal sealed class AttentionSvg(string title, IReadOnlyList<AttentionPanel> panels, int columns)
{
    private const int Cell = 11, LongestLabel = 12, Band = 5, AxisTitle = 16, Heading = 34, Gap = 26, Margin = Svg.Margin, Top = 108, LeastWidth = 640;

    private static readonly (Region Region, string Colour, string Name)[] Regions =
        [(Region.Memory, "#2b6cb0", "memory tokens"), (Region.Text, "#2f855a", "tokens of the segment"), (Region.Frame, "#a0aec0", "[CLS] and [SEP]")];

    // Room for the longest token, at 8 points.
    private readonly int _labels = 10 + 6 * Math.Min(LongestLabel, panels.SelectMany(panel => panel.Positions).Max(position => position.Token.Length));

    private int Side => Cell * panels.Max(panel => panel.Positions.Count);

    private int PanelWidth => AxisTitle + _labels + Band + Side + Gap;

    private int PanelHeight => Heading + Side + Band + _labels + AxisTitle + Gap;

    /// <summary>Creates or replaces a file, all or nothing.</summary>
    public void Write(string path)
    {
        var width = Math.Max(LeastWidth, 2 * Margin + Math.Min(columns, panels.Count) * PanelWidth);
        var height = Top + (panels.Count + columns - 1) / columns * PanelHeight + Margin;
        Svg.Write(path, title, width, height, Draw);
    }

    private void Draw(Svg svg)
    {
        svg.Text(Margin, 46, "Attention after figure 6 of arXiv 2304.11062. Segments, layers, heads and positions count from 0.", 10, Svg.Grey);
        svg.Text(Margin, 60, "A row sums to 1 over the whole window, of which the positions named are shown.", 10, Svg.Grey);
        Legend(svg);
        for (var i = 0; i < panels.Count; i++)
            Panel(svg, panels[i], Margin + i % columns * PanelWidth, Top + i / columns * PanelHeight);
    }

    private static void Legend(Svg svg)
    {
        const int Y = 72, Steps = 40, Width = 3;
        for (var i = 0; i < Steps; i++)
            svg.Rectangle(Margin + 14 + i * Width, Y, Width, 10, HeatColours.Of(i / (Steps - 1.0)));
        svg.Text(Margin, Y + 9, "0", 10, Svg.Ink);
        svg.Text(Margin + 14 + Steps * Width + 6, Y + 9, "largest shown in the map", 10, Svg.Ink);
        var x = Margin + 14 + Steps * Width + 168;
        foreach (var (_, colour, name) in Regions)
        {
            svg.Rectangle(x, Y, 10, 10, colour);
            svg.Text(x + 15, Y + 9, name, 10, Svg.Ink);
            x += 35 + 6 * name.Length;
        }
    }

    private void Panel(Svg svg, AttentionPanel panel, int left, int top)
    {
        var (positions, largest) = (panel.Positions, panel.Values.DefaultIfEmpty(0).Max());
        var (x0, y0, side) = (left + AxisTitle + _labels + Band, top + Heading, Cell * panel.Positions.Count);
        svg.Text(x0, top + 12, $"segment {panel.Segment}, layer {panel.Layer}, {(panel.Head is { } head ? $"head {head}" : "mean of heads")}", 11, Svg.Ink, bold: true);
        svg.Text(x0, top + 26, string.Create(CultureInfo.InvariantCulture, $"largest {largest:0.###}"), 10, Svg.Grey);
        svg.BeginCells();
        for (var row = 0; row < positions.Count; row++)
            for (var column = 0; column < positions.Count; column++)
                if (panel.Values[row * positions.Count + column] / largest is var share and > 0.004f)
                    svg.Rectangle(x0 + column * Cell, y0 + row * Cell, Cell, Cell, HeatColours.Of(share));
        for (var i = 0; i < positions.Count; i++)
        {
            var colour = Regions.Single(region => region.Region == positions[i].Region).Colour;
            svg.Rectangle(x0 - Band, y0 + i * Cell, Band - 1, Cell, colour);
            svg.Rectangle(x0 + i * Cell, y0 + side + 1, Cell, Band - 1, colour);
            if (i > 0 && (positions[i].Region != positions[i - 1].Region || positions[i].Position != positions[i - 1].Position + 1))
                Border(svg, x0, y0, side, i * Cell);
        }
        svg.Frame(x0, y0, side, side, Svg.Ink);
        svg.EndCells();
        for (var i = 0; i < positions.Count; i++)
        {
            var label = Svg.Short(positions[i].Token, LongestLabel);
            svg.Text(x0 - Band - 4, y0 + i * Cell + 9, label, 8, Svg.Ink, anchor: "end");
            svg.Text(x0 + i * Cell + 8, y0 + side + Band + 5, label, 8, Svg.Ink, anchor: "end", turned: true);
        }
        svg.Text(left + 10, y0 + side / 2, "query: the token that looks", 10, Svg.Grey, anchor: "middle", turned: true);
        svg.Text(x0 + side / 2, y0 + side + Band + _labels + 10, "key: the token that is looked at", 10, Svg.Grey, anchor: "middle");
    }

    private static void Border(Svg svg, int x, int y, int side, int at)
    {
        svg.Rectangle(x + at, y, 1, side, "#90a0b0");
        svg.Rectangle(x, y + at, side, 1, "#90a0b0");
    }
}
