using System.Globalization;

namespace Rmt.Adapter.Tests;

/// <summary>The cost model gives the figures that the paper prints.</summary>
public class RecurrentCostTests
{
    private static readonly int[] Segments = [1, 2, 4, 8, 16, 32, 64, 125, 250, 500, 1000, 2000, 4000];

    private static TransformerShape Opt(int layers, int hidden, int heads) => new(layers, hidden, heads, 4 * hidden, 50272);

    private static string Round(double value, int digits) => Math.Round(value, digits).ToString($"F{digits}", CultureInfo.InvariantCulture);

    // Caption of figure 3: "up to 29 times" and "up to 295 times" fewer operations.
    [Theory]
    [InlineData(12, 768, 12, "295.07")]
    [InlineData(24, 2048, 32, "154.42")]
    [InlineData(32, 4096, 32, "81.65")]
    [InlineData(48, 7168, 56, "48.38")]
    [InlineData(96, 12288, 96, "29.02")]
    public void Two_million_tokens_cost_as_many_times_as_the_paper_says(int layers, int hidden, int heads, string ratio) =>
        Assert.Equal(ratio, Round(new RecurrentCost(Opt(layers, hidden, heads), 512, 512).Ratio(2_048_000), 2));

    // The curves of figure 3, read from the authors' notebook: full attention over n × 512 tokens, in windows of 512.
    [Theory]
    [InlineData(12, 768, 12, "1 2.15 4.88 12.12 33.65 104.95 360.49 1264.79 4827.5 18846.9 74461 295992 1180263")]
    [InlineData(24, 2048, 32, "1 2.08 4.46 10.15 25.21 70.06 218.68 719.64 2638.1 10071.7 39325 155377 617663")]
    [InlineData(32, 4096, 32, "1 2.04 4.24 9.13 20.84 52.01 145.31 437.59 1505.4 5531.7 21147 82629 326596")]
    [InlineData(48, 7168, 56, "1 2.02 4.14 8.66 18.84 43.75 111.78 308.66 987.6 3456.4 12837 49373 193540")]
    [InlineData(96, 12288, 96, "1 2.01 4.08 8.39 17.68 38.95 92.25 233.59 686.1 2247.9 7998.6 30008 116062")]
    public void Every_point_of_figure_3_is_met(int layers, int hidden, int heads, string published)
    {
        var shape = Opt(layers, hidden, heads);
        foreach (var (segments, text) in Segments.Zip(published.Split(' ')))
        {
            var digits = text.Contains('.', StringComparison.Ordinal) ? text.Length - text.IndexOf('.', StringComparison.Ordinal) - 1 : 0;
            Assert.Equal(double.Parse(text, CultureInfo.InvariantCulture), shape.Flops(512L * segments) / shape.Flops(512), 0.52 * Math.Pow(10, -digits));
        }
    }

    [Fact]
    public void A_window_of_BERT_without_predictions_is_97_billion_operations() =>
        Assert.Equal(9.70e10, new TransformerShape(12, 768, 12, 3072, 0).Flops(512), 1e8);

    [Fact]
    public void Reading_segment_by_segment_is_linear_and_the_segment_that_is_not_full_counts()
    {
        var cost = new RecurrentCost(Opt(12, 768, 12), 512, 499);
        Assert.Equal([1, 1, 1, 2, 2, 3], new long[] { 0, 1, 499, 500, 998, 999 }.Select(cost.Segments));
        Assert.Equal(7 * cost.Flops(499), cost.Flops(7 * 499));
        Assert.True(cost.Ratio(499 * 100) > cost.Ratio(499 * 10));
    }

    [Fact]
    public void A_segment_that_holds_more_than_its_window_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentCost(Opt(12, 768, 12), 512, 513));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentCost(Opt(12, 768, 12), 512, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Opt(12, 768, 12).Flops(-1));
    }
}
