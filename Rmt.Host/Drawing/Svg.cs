using System.Globalization;
using System.Text;
using System.Xml;
using Rmt.Loaders;

namespace Rmt.Host.Drawing;

/// <summary>The marks that the figures are made of. Places and sizes are in points, from the upper left corner.</summary>
internal sealed class Svg
{
    public const int Margin = 20;
    public const string Grey = "#666666", Ink = "#222222";

    private readonly XmlWriter _xml;

    private Svg(XmlWriter xml) => _xml = xml;

    /// <summary>Creates or replaces a file, all or nothing: a white page with its title at the top.</summary>
    public static void Write(string path, string title, int width, int height, Action<Svg> draw) => AtomicFile.Write(path, stream =>
    {
        using var xml = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, IndentChars = " ", NewLineChars = "\n", CloseOutput = false });
        var svg = new Svg(xml);
        xml.WriteStartElement("svg", "http://www.w3.org/2000/svg");
        svg.Attributes(("width", width), ("height", height), ("viewBox", $"0 0 {width} {height}"), ("font-family", "DejaVu Sans, Helvetica, Arial, sans-serif"));
        xml.WriteElementString("title", Short(title, 1000));
        svg.Rectangle(0, 0, width, height, "#ffffff");
        svg.Text(Margin, 28, Short(title, (width - 2 * Margin) / 10), 15, Ink, bold: true);
        draw(svg);
        xml.WriteEndElement();
    });

    /// <summary>Rectangles that follow have sharp edges, so that neighbours touch.</summary>
    public void BeginCells()
    {
        _xml.WriteStartElement("g");
        Attributes(("shape-rendering", "crispEdges"));
    }

    public void EndCells() => _xml.WriteEndElement();

    public void Rectangle(double x, double y, double width, double height, string colour) =>
        Empty("rect", ("x", x), ("y", y), ("width", width), ("height", height), ("fill", colour));

    public void Frame(double x, double y, double width, double height, string colour) =>
        Empty("rect", ("x", x), ("y", y), ("width", width), ("height", height), ("fill", "none"), ("stroke", colour));

    /// <summary>A line through points.</summary>
    public void Line(IEnumerable<(double X, double Y)> points, string colour, double width = 1, string? dashes = null) => Empty("polyline",
        ("points", string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.##},{point.Y:0.##}")))),
        ("fill", "none"), ("stroke", colour), ("stroke-width", width), ("stroke-dasharray", dashes ?? "none"));

    public void Text(double x, double y, string text, int size, string colour, string anchor = "start", bool bold = false, bool turned = false)
    {
        _xml.WriteStartElement("text");
        Attributes(("x", x), ("y", y), ("font-size", size), ("fill", colour));
        if (anchor != "start")
            Attributes(("text-anchor", anchor));
        if (bold)
            Attributes(("font-weight", "bold"));
        if (turned)
            Attributes(("transform", string.Create(CultureInfo.InvariantCulture, $"rotate(-90 {x} {y})")));
        _xml.WriteString(text);
        _xml.WriteEndElement();
    }

    /// <summary>Not longer than this many characters, and none that XML cannot hold.</summary>
    public static string Short(string text, int most)
    {
        var runes = text.EnumerateRunes().Select(rune => rune.Value is < ' ' or 0xFFFE or 0xFFFF ? Rune.ReplacementChar : rune).ToArray();
        return string.Concat(runes.Length > most ? [.. runes[..(most - 1)], new Rune('…')] : runes);
    }

    private void Empty(string name, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        _xml.WriteStartElement(name);
        Attributes(attributes);
        _xml.WriteEndElement();
    }

    private void Attributes(params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        foreach (var (name, value) in attributes)
            _xml.WriteAttributeString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
    }
}
