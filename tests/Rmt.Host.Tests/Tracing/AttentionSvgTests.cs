using System.Xml.Linq;
using Rmt.Host.Tracing;
using Rmt.Testing;

namespace Rmt.Host.Tests.Tracing;

public sealed class AttentionSvgTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private XElement Draw(int count, int columns, params WindowPosition[] positions)
    {
        var values = Enumerable.Range(0, positions.Length * positions.Length).Select(i => i / (float)(positions.Length * positions.Length)).ToArray();
        new AttentionSvg("A \u0001 title & more", [.. Enumerable.Range(0, count).Select(i => new AttentionPanel(i, 1, i % 2 == 0 ? null : i, positions, values))], columns).Write(_folder["a.svg"]);
        return XDocument.Load(_folder["a.svg"]).Root!;
    }

    private static readonly WindowPosition[] Window = [new(0, "[CLS]", Region.Frame), new(1, "[mem]", Region.Memory), new(2, "[SEP]", Region.Frame), new(3, "<&>\u0000", Region.Text)];

    private static IEnumerable<string> Texts(XElement svg) => svg.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value);

    [Fact]
    public void Every_map_has_a_heading_axes_and_a_label_a_row_and_a_column()
    {
        var texts = Texts(Draw(3, 2, Window)).ToList();
        Assert.Equal(["segment 0, layer 1, mean of heads", "segment 1, layer 1, head 1", "segment 2, layer 1, mean of heads"], texts.Where(text => text.StartsWith("segment ", StringComparison.Ordinal)));
        foreach (var (text, times) in new[] { ("[CLS]", 6), ("[mem]", 6), ("<&>\uFFFD", 6), ("query: the token that looks", 3), ("key: the token that is looked at", 3), ("largest 0.938", 3), ("memory tokens", 1), ("A \uFFFD title & more", 1) })
            Assert.Equal((text, times), (text, texts.Count(other => other == text)));
    }

    [Fact]
    public void Nothing_lies_outside_of_the_picture_and_maps_do_not_touch()
    {
        var svg = Draw(5, 2, [.. Enumerable.Range(0, 30).Select(i => new WindowPosition(i, "a-token-of-many-letters", Region.Text))]);
        var (width, height) = ((int)svg.Attribute("width")!, (int)svg.Attribute("height")!);
        foreach (var rectangle in svg.Descendants().Where(element => element.Name.LocalName == "rect"))
        {
            Assert.InRange((int)rectangle.Attribute("x")! + (int)rectangle.Attribute("width")!, 0, width);
            Assert.InRange((int)rectangle.Attribute("y")! + (int)rectangle.Attribute("height")!, 0, height);
        }
        var frames = svg.Descendants().Where(element => (string?)element.Attribute("fill") == "none").Select(element => ((int)element.Attribute("x")!, (int)element.Attribute("y")!)).ToList();
        Assert.Equal(5, frames.Count);
        foreach (var (a, b) in frames.SelectMany(a => frames.Where(b => b != a).Select(b => (a, b))))
            Assert.True(Math.Abs(a.Item1 - b.Item1) >= 30 * 11 + 80 || Math.Abs(a.Item2 - b.Item2) >= 30 * 11 + 80);
    }

    [Fact]
    public void The_darkest_cell_is_the_largest_value()
    {
        var cells = Draw(1, 1, Window).Descendants().Where(element => (string?)element.Attribute("fill") == "#67000d").ToList();
        Assert.Equal(2, cells.Count);       // the end of the legend, and the last cell
        Assert.Equal((11, 11), ((int)cells[1].Attribute("width")!, (int)cells[1].Attribute("height")!));
    }
}
