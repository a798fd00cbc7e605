using System.Xml.Linq;
using Rmt.Adapter;
using Rmt.Host.Evaluation;
using Rmt.Testing;

namespace Rmt.Host.Tests.Evaluation;

public sealed class SegmentMatrixTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static SegmentMatrix Small() => new("model") { ["b", 1] = new(1, 1), ["a|", 16] = new(1, 6), ["a|", 2] = new(1_999, 2_000) };

    private static string Written(Action<TextWriter> write)
    {
        using var output = new StringWriter();
        write(output);
        return output.ToString();
    }

    [Fact]
    public void Markdown_has_a_row_a_model_and_a_gap_where_nothing_was_measured() => Assert.Equal("""
        | model | 1 | 2 | 16 |
        | --- | ---: | ---: | ---: |
        | b | 100 |  |  |
        | a\| |  | 99.9 | 16.7 |

        """, Written(Small().WriteMarkdown));

    [Fact]
    public void The_figure_shows_every_cell_both_axes_and_a_legend_inside_of_the_picture()
    {
        var matrix = new SegmentMatrix("trained on, segments");
        foreach (var trained in Enumerable.Range(1, 7))
            foreach (var evaluated in Enumerable.Range(1, 15).Where(evaluated => evaluated != 9 || trained != 3))
                matrix[$"{trained}", evaluated] = new(100 - trained, 100);
        matrix.Figure("Fact memorisation").Write(_folder["m.svg"]);
        var svg = XDocument.Load(_folder["m.svg"]).Root!;
        var texts = svg.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value).ToList();
        foreach (var (text, times) in new[] { ("99", 15), ("97", 14), ("93", 15), ("trained on, segments", 1), ("evaluated on, segments", 1), ("accuracy, %", 1), ("Fact memorisation", 1), ("15", 1), ("7", 2), ("50", 1) })
            Assert.Equal((text, times), (text, texts.Count(other => other == text)));
        Assert.Single(svg.Descendants(), element => (string?)element.Attribute("fill") == "#eeeeee");
        var (width, height) = ((double)svg.Attribute("width")!, (double)svg.Attribute("height")!);
        foreach (var rectangle in svg.Descendants().Where(element => element.Name.LocalName == "rect"))
        {
            Assert.InRange((double)rectangle.Attribute("x")! + (double)rectangle.Attribute("width")!, 0, width);
            Assert.InRange((double)rectangle.Attribute("y")! + (double)rectangle.Attribute("height")!, 0, height);
        }
    }

    [Theory]
    [InlineData(1, "100")]
    [InlineData(0.9999, "99.9")]
    [InlineData(0.5, "50")]
    [InlineData(0.1763, "17.6")]
    [InlineData(0, "0")]
    public void Only_what_is_never_wrong_is_a_hundred(double share, string percent) => Assert.Equal(percent, SegmentMatrix.Percent(share));
}
