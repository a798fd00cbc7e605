using Rmt.Benchmarks.Gpu;
using static TorchSharp.torch;

namespace Rmt.Benchmarks.Tests.Gpu;

public sealed class ArithmeticTests
{
    private static readonly GpuLine Exact = new("steps", "base", 8, GpuLine.Us, "exact") { Milliseconds = 1.7 };

    [Fact]
    public void The_best_rival_is_the_fastest_model_of_the_same_line()
    {
        GpuLine[] lines =
        [
            Exact, Rival("hf-graph", 2.11), Rival("bare-graph", 2.03), Rival("bare-compile", 1.9), Rival("gemm-sdpa-floor", 1.49), Rival("bare-graph", 2.0),
            Rival("hf-compile", 1) with { Batch = 32 }, Rival("hf-compile", 1) with { Shape = "mini" }, Rival("hf-compile", 1) with { Part = "document" },
            Rival("hf-compile", 1) with { Error = "no compiler" }, Exact with { Milliseconds = 1.6 }, Exact with { Variant = "fast", Milliseconds = 1 },
        ];
        var comparison = Comparison.Of(Exact, lines);
        Assert.Equal(("bare-compile", 1.6), (comparison.Best!.Variant, comparison.Ours.Time));
        Assert.Equal(1.9 / 1.6, comparison.Ratio!.Value, 12);
        Assert.Equal(1.6 / 2.0, comparison.OverGraph!.Value, 12);
        Assert.Equal("hf-graph", Comparison.Of(Exact, lines, variant => variant == "hf-graph").Best!.Variant);
    }

    [Fact]
    public void Without_a_rival_or_a_figure_there_is_no_ratio_and_no_goal()
    {
        Assert.Equal((null, null, true), (Comparison.Of(Exact, [Exact]).Ratio, Comparison.Of(Exact, [Exact]).OverGraph, Comparison.Of(Exact, [Exact]).Meets(1.75, 0.86)));
        var failed = Comparison.Of(Exact with { Milliseconds = null, Error = "out of memory" }, [Rival("bare-graph", 2)]);
        Assert.Equal((null, null, null), (failed.Ratio, failed.OverGraph, failed.Meets(1.75, 0.86)));
        Assert.Equal("bare-graph", failed.Best!.Variant);
    }

    [Theory]
    [InlineData(1.7, 9, true)]          // by the clock
    [InlineData(3.4, 4.0, true)]        // on a slower card, by the ratio
    [InlineData(3.5, 4.0, true)]        // 0.875: within the noise of 0.86
    [InlineData(3.6, 4.0, false)]
    public void A_goal_is_met_by_the_clock_or_by_the_ratio_to_the_graph(double ours, double graph, bool met)
    {
        var line = Exact with { Milliseconds = ours };
        Assert.Equal(met, Comparison.Of(line, [line, Rival("bare-graph", graph)]).Meets(1.75, 0.86));
    }

    [Fact]
    public void A_long_work_is_compared_by_the_clock_of_all_of_it() => Assert.Equal(2400, new GpuLine("document", "base", 1, GpuLine.Us, "exact") { Seconds = 2.4, Milliseconds = 0.6 }.Time);

    [Theory]
    [InlineData(ScalarType.Float16, 0.1, 0.001, 0, 9, true)]            // whatever its arithmetic loses
    [InlineData(ScalarType.Float16, 0.2, 0.001, 0, 0, false)]
    [InlineData(ScalarType.Float16, 0.1, 0.003, 0, 0, false)]
    [InlineData(ScalarType.Float16, 0.1, 0.001, 0.3, 0, false)]         // a label that was clear
    [InlineData(ScalarType.BFloat16, 0.2, 0.003, 0.3, 0.00109, true)]   // whatever its weights lose
    [InlineData(ScalarType.BFloat16, 0.1, 0.001, 0, 0.00112, false)]
    public void Float16_is_held_to_all_that_scores_differ_and_bfloat16_to_what_arithmetic_loses(ScalarType type, double largest, double mean, double flip, double arithmetic, bool right)
    {
        var plain = new PrecisionFound(new(0.12, 0.002, [0.09]), new(0.05, 0.001, []));
        Assert.Equal(right, new PrecisionFound(new(largest, mean, flip > 0 ? [flip] : []), new(1, arithmetic, [])).IsRightBeside(plain, type));
    }

    [Fact]
    public void Growth_is_told_by_the_fifth_after_the_first_and_the_last()
    {
        var growth = Growth.Of([.. Enumerable.Range(0, 100)], sample => sample < 20 ? 1000 : sample < 60 ? 10 : 11);
        Assert.Equal((10, 11), (growth.Early, growth.Late));
        Assert.Equal((0.1, 1), (growth.Share, growth.More), (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-12 && a.Item2 == b.Item2);
        Assert.Equal(0, Growth.Of(new int[5], sample => sample).Share);
        _ = Assert.Throws<InvalidOperationException>(() => Growth.Of(new int[4], sample => sample));
    }

    [Fact]
    public void Device_memory_that_stays_is_flat_and_what_grows_is_named()
    {
        DeviceSample[] flat = [.. Enumerable.Range(0, 50).Select(i => new DeviceSample(i, i, 100_000_000, i < 5 ? 150_000_000 : 200_000_000, 40, 600_000_000 + i))];
        Assert.True(DeviceSoakJudgement.IsFlat(flat).Flat);
        Assert.True(DeviceSoakJudgement.IsFlat([.. flat.Select(sample => sample with { Allocated = null, Reserved = null })]).Flat);
        foreach (var (grown, said) in new (DeviceSample[], string)[]
        {
            ([.. flat.Select((sample, i) => sample with { Allocated = sample.Allocated + i * 100_000 })], "allocated +2.9"),
            ([.. flat.Select((sample, i) => sample with { Reserved = i < 30 ? sample.Reserved : 210_000_000 })], "reserved +5"),
            ([.. flat.Select((sample, i) => sample with { Resident = sample.Resident + i * 2_000_000 })], "resident +9"),
            ([.. flat.Select((sample, i) => sample with { Tensors = 40 + i / 20 })], "tensors +2"),
            (flat[..4], "too few"),
        })
        {
            var (isFlat, what) = DeviceSoakJudgement.IsFlat(grown);
            Assert.False(isFlat, what);
            Assert.Contains(said, what, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Scores_are_compared_document_by_document_and_a_changed_label_says_how_clear_it_was()
    {
        double[][] exact = [[0.9, 0.1], [0.52, 0.48], [0.3, 0.7], [0.8, 0.2]];
        double[][] found = [[0.91, 0.09], [0.49, 0.51], [0.3, 0.7], [0.4, 0.6]];
        var difference = ScoreDifference.Of(exact, found);
        Assert.Equal(0.4, difference.Largest, 12);
        Assert.Equal((0.01 + 0.03 + 0 + 0.4) / 4, difference.Mean, 12);
        Assert.Equal([0.04, 0.6], difference.Flips, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.False(difference.IsNoWorseThan(difference));                                         // a clear label changed
        var close = ScoreDifference.Of(exact[..3], found[..3]);
        Assert.True(close.IsNoWorseThan(close));
        Assert.False(close.IsNoWorseThan(close with { Largest = 0.02 }));
        Assert.False(close.IsNoWorseThan(close with { Mean = 0 }));
        Assert.False(close.IsNoWorseThan(close with { Flips = [] }));
        Assert.Empty(ScoreDifference.Of(exact, exact).Flips);
        Assert.Contains("document 2", Assert.Throws<InvalidOperationException>(() => ScoreDifference.Of(exact, [[1, 0], [double.NaN, 0], [1, 0], [1, 0]])).Message, StringComparison.Ordinal);
    }

    private static GpuLine Rival(string variant, double milliseconds) => new("steps", "base", 8, GpuLine.Them, variant) { Milliseconds = milliseconds };
}
