using System.Xml.Linq;
using Rmt.Host.Tests.Doubles;
using Rmt.Testing;

namespace Rmt.Host.Tests;

public sealed class FlopsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_figures_of_the_paper_come_out_to_the_digit()
    {
        using var session = new Session();
        Assert.Equal(ExitCode.Ok, session.Run("flops", "opt-125m", "opt-175b", "--lengths", "2048000"));
        Assert.Equal([("opt-125m", 4000, 295.07), ("opt-175b", 4000, 29.02)], session.Records.Select(record =>
            (record.GetProperty("model").GetString()!, record.GetProperty("segments").GetInt32(), Math.Round(record.GetProperty("ratio").GetDouble(), 2))));
        Assert.Equal(["model", "tokens", "segments", "full_flops", "rmt_flops", "ratio"], session.Records[0].EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public void Sizes_of_ones_own_are_those_of_the_named_shape()
    {
        using var named = new Session();
        using var own = new Session();
        Assert.Equal(ExitCode.Ok, named.Run("flops", "opt-1.3b"));
        Assert.Equal(ExitCode.Ok, own.Run("flops", "--layers", "24", "--hidden", "2048", "--heads", "32", "--vocabulary", "50272"));
        Assert.Equal(named.Out, own.Out.Replace("\"own\"", "\"opt-1.3b\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Memory_takes_its_place_in_every_window()
    {
        using var session = new Session();
        Assert.Equal(ExitCode.Ok, session.Run("flops", "bert-base", "--memory-tokens", "10", "--lengths", "499,500,2043904"));
        Assert.Equal([1, 2, 4096], session.Records.Select(record => record.GetProperty("segments").GetInt32()));
    }

    [Fact]
    public void People_get_a_table()
    {
        using var session = new Session { OnTerminal = true };
        Assert.Equal(ExitCode.Ok, session.Run("flops", "opt-125m", "--lengths", "2048000"));
        Assert.Matches(@"opt-125m\s+2,048,000\s+4,000\s+1\.612e17\s+5\.462e14\s+295\.07", session.Out);
    }

    [Fact]
    public void The_figure_has_a_title_two_axes_a_legend_and_a_line_a_model_and_all_lies_inside()
    {
        using var session = new Session();
        Assert.Equal(ExitCode.Ok, session.Run("flops", "--svg", _folder["f.svg"]));
        var svg = XDocument.Load(_folder["f.svg"]).Root!;
        var texts = svg.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value).ToList();
        foreach (var text in new[] { "length of the document, tokens", "operations, as many times those of one window of 512 tokens", "opt-175b, full attention", "RMT of any of them", "1,000,000" })
            Assert.Contains(text, texts);
        var (width, height) = ((double)svg.Attribute("width")!, (double)svg.Attribute("height")!);
        var lines = svg.Descendants().Where(element => element.Name.LocalName == "polyline")
            .Select(element => ((string)element.Attribute("points")!).Split(' ').Select(point => point.Split(',').Select(double.Parse).ToArray()).ToList()).ToList();
        Assert.Equal(6, lines.Count(points => points.Count == 13));
        Assert.All(lines.SelectMany(points => points), point =>
        {
            Assert.InRange(point[0], 0, width);
            Assert.InRange(point[1], 0, height);
        });
    }
}
