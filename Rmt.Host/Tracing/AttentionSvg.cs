using System.Globalization;
using System.Text;
using System.Xml;
using Rmt.Loaders;

namespace Rmt.Host.Tracing;

/// <summary>Attention maps as figure 6 of the paper has them: who looks at whom, and where memory stands.</summary>
/// <param name="title">Of which document.</param>
/// <param name="panels">In reading order.</param>
/// <param name="columns">Maps side by side.</param>
internal sealed class AttentionSvg(string title, IReadOnlyList<AttentionPanel> panels, int columns)
{
    private const int Cell = 11, LongestLabel = 12, Band = 5, AxisTitle = 16, Heading = 34, Gap = 26, Margin = 20, Top = 108, LeastWidth = 640;
    private const string Grey = "#666666", Ink = "#222222";

    private static readonly (Region Region, string Colour, string Name)[] Regions =
        [(Region.Memory, "#2b6cb0", "memory tokens"), (Region.Text, "#2f855a", "tokens of the segment"), (Region.Frame, "#a0aec0", "[CLS] and [SEP]")];

    // White to dark red, as the paper's figure.
    private static readonly (int R, int G, int B)[] Ramp = [(255, 255, 255), (254, 224, 210), (252, 146, 114), (222, 45, 38), (103, 0, 13)];

    // Room for the longest token, at 8 points.
    private readonly int _labels = 10 + 6 * Math.Min(LongestLabel, panels.SelectMany(panel => panel.Positions).Max(position => position.Token.Length));

    private int Side => Cell * panels.Max(panel => panel.Positions.Count);

    private int PanelWidth => AxisTitle + _labels + Band + Side + Gap;

    private int PanelHeight => Heading + Side + Band + _labels + AxisTitle + Gap;

    /// <summary>Creates or replaces a file, all or nothing.</summary>
    public void Write(string path) => AtomicFile.Write(path, stream =>
    {
        using var xml = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, IndentChars = " ", NewLineChars = "\n", CloseOutput = false });
        Draw(xml);
    });

    private void Draw(XmlWriter xml)
    {
        var width = Math.Max(LeastWidth, 2 * Margin + Math.Min(columns, panels.Count) * PanelWidth);
        var height = Top + (panels.Count + columns - 1) / columns * PanelHeight + Margin;
        xml.WriteStartElement("svg", "http://www.w3.org/2000/svg");
        Attributes(xml, ("width", width), ("height", height), ("viewBox", $"0 0 {width} {height}"), ("font-family", "DejaVu Sans, Helvetica, Arial, sans-serif"));
        Element(xml, "title", title);
        Rectangle(xml, 0, 0, width, height, "#ffffff");
        Text(xml, Margin, 28, Short(title, (width - 2 * Margin) / 10), 15, Ink, bold: true);
        Text(xml, Margin, 46, "Attention after figure 6 of arXiv 2304.11062. Segments, layers, heads and positions count from 0.", 10, Grey);
        Text(xml, Margin, 60, "A row sums to 1 over the whole window, of which the positions named are shown.", 10, Grey);
        Legend(xml);
        for (var i = 0; i < panels.Count; i++)
            Panel(xml, panels[i], Margin + i % columns * PanelWidth, Top + i / columns * PanelHeight);
        xml.WriteEndElement();
    }

    private static void Legend(XmlWriter xml)
    {
        const int Y = 72, Steps = 40, Width = 3;
        for (var i = 0; i < Steps; i++)
            Rectangle(xml, Margin + 14 + i * Width, Y, Width, 10, Colour(i / (Steps - 1.0)));
        Text(xml, Margin, Y + 9, "0", 10, Ink);
        Text(xml, Margin + 14 + Steps * Width + 6, Y + 9, "largest shown in the map", 10, Ink);
        var x = Margin + 14 + Steps * Width + 168;
        foreach (var (_, colour, name) in Regions)
        {
            Rectangle(xml, x, Y, 10, 10, colour);
            Text(xml, x + 15, Y + 9, name, 10, Ink);
            x += 35 + 6 * name.Length;
        }
    }

    private void Panel(XmlWriter xml, AttentionPanel panel, int left, int top)
    {
        var (positions, largest) = (panel.Positions, panel.Values.DefaultIfEmpty(0).Max());
        var (x0, y0, side) = (left + AxisTitle + _labels + Band, top + Heading, Cell * panel.Positions.Count);
        Text(xml, x0, top + 12, $"segment {panel.Segment}, layer {panel.Layer}, {(panel.Head is { } head ? $"head {head}" : "mean of heads")}", 11, Ink, bold: true);
        Text(xml, x0, top + 26, string.Create(CultureInfo.InvariantCulture, $"largest {largest:0.###}"), 10, Grey);
        xml.WriteStartElement("g");
        Attributes(xml, ("shape-rendering", "crispEdges"));
        for (var row = 0; row < positions.Count; row++)
            for (var column = 0; column < positions.Count; column++)
                if (panel.Values[row * positions.Count + column] / largest is var share and > 0.004f)
                    Rectangle(xml, x0 + column * Cell, y0 + row * Cell, Cell, Cell, Colour(share));
        for (var i = 0; i < positions.Count; i++)
        {
            var colour = Regions.Single(region => region.Region == positions[i].Region).Colour;
            Rectangle(xml, x0 - Band, y0 + i * Cell, Band - 1, Cell, colour);
            Rectangle(xml, x0 + i * Cell, y0 + side + 1, Cell, Band - 1, colour);
            if (i > 0 && (positions[i].Region != positions[i - 1].Region || positions[i].Position != positions[i - 1].Position + 1))
                Border(xml, x0, y0, side, i * Cell);
        }
        Frame(xml, x0, y0, side);
        xml.WriteEndElement();
        for (var i = 0; i < positions.Count; i++)
        {
            var label = Short(positions[i].Token, LongestLabel);
            Text(xml, x0 - Band - 4, y0 + i * Cell + 9, label, 8, Ink, anchor: "end");
            Text(xml, x0 + i * Cell + 8, y0 + side + Band + 5, label, 8, Ink, anchor: "end", turned: true);
        }
        Text(xml, left + 10, y0 + side / 2, "query: the token that looks", 10, Grey, anchor: "middle", turned: true);
        Text(xml, x0 + side / 2, y0 + side + Band + _labels + 10, "key: the token that is looked at", 10, Grey, anchor: "middle");
    }

    private static void Border(XmlWriter xml, int x, int y, int side, int at)
    {
        Rectangle(xml, x + at, y, 1, side, "#90a0b0");
        Rectangle(xml, x, y + at, side, 1, "#90a0b0");
    }

    private static void Frame(XmlWriter xml, int x, int y, int side)
    {
        xml.WriteStartElement("rect");
        Attributes(xml, ("x", x), ("y", y), ("width", side), ("height", side), ("fill", "none"), ("stroke", Ink));
        xml.WriteEndElement();
    }

    private static void Rectangle(XmlWriter xml, int x, int y, int width, int height, string colour)
    {
        xml.WriteStartElement("rect");
        Attributes(xml, ("x", x), ("y", y), ("width", width), ("height", height), ("fill", colour));
        xml.WriteEndElement();
    }

    private static void Text(XmlWriter xml, int x, int y, string text, int size, string colour, string anchor = "start", bool bold = false, bool turned = false)
    {
        xml.WriteStartElement("text");
        Attributes(xml, ("x", x), ("y", y), ("font-size", size), ("fill", colour));
        if (anchor != "start")
            Attributes(xml, ("text-anchor", anchor));
        if (bold)
            Attributes(xml, ("font-weight", "bold"));
        if (turned)
            Attributes(xml, ("transform", $"rotate(-90 {x} {y})"));
        xml.WriteString(text);
        xml.WriteEndElement();
    }

    private static void Element(XmlWriter xml, string name, string text)
    {
        xml.WriteStartElement(name);
        xml.WriteString(Short(text, 1000));
        xml.WriteEndElement();
    }

    private static void Attributes(XmlWriter xml, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        foreach (var (name, value) in attributes)
            xml.WriteAttributeString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
    }

    // Not longer than this many characters, and none that XML cannot hold.
    private static string Short(string text, int most)
    {
        var runes = text.EnumerateRunes().Select(rune => rune.Value is < ' ' or 0xFFFE or 0xFFFF ? Rune.ReplacementChar : rune).ToArray();
        return string.Concat(runes.Length > most ? [.. runes[..(most - 1)], new Rune('…')] : runes);
    }

    private static string Colour(double share)
    {
        var at = Math.Clamp(share, 0, 1) * (Ramp.Length - 1);
        var i = Math.Min((int)at, Ramp.Length - 2);
        var (from, to, part) = (Ramp[i], Ramp[i + 1], at - i);
        int Mix(int a, int b) => (int)Math.Round(a + (b - a) * part);
        return string.Create(CultureInfo.InvariantCulture, $"#{Mix(from.R, to.R):x2}{Mix(from.G, to.G):x2}{Mix(from.B, to.B):x2}");
    }
}
