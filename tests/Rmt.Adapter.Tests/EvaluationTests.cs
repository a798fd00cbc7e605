namespace Rmt.Adapter.Tests;

public class EvaluationTests
{
    private static readonly LabelSet Three = new(["a", "b", "c"]);

    private static ConfusionMatrix Of(params (int Truth, int Predicted)[] answers)
    {
        var matrix = new ConfusionMatrix(Three);
        foreach (var (truth, predicted) in answers)
            matrix.Add(truth, predicted);
        return matrix;
    }

    // By hand: a has TP 2, FP 1, FN 0; b TP 1, FP 1, FN 2; c TP 0, FP 0, FN 0 or, with the last row, FN 1.
    [Fact]
    public void A_small_example_worked_by_hand()
    {
        var matrix = Of((0, 0), (0, 0), (1, 1), (1, 0), (1, 2));
        Assert.Equal(3.0 / 5, matrix.Accuracy.Value);
        Assert.Equal(new[] { 4.0 / 5, 1.0 / 2, 0 }, new[] { matrix.F1(0), matrix.F1(1), matrix.F1(2) });
        Assert.Equal((0.8 + 0.5 + 0) / 3, matrix.MacroF1, 1e-12);
        Assert.Equal((2, 1, 1, 1, 0), (matrix[0, 0], matrix[1, 0], matrix[1, 1], matrix[1, 2], matrix[2, 1]));
    }

    [Fact]
    public void A_label_that_never_occurs_does_not_count() => Assert.Equal(1, Of((0, 0), (1, 1)).MacroF1);

    [Fact]
    public void The_order_of_documents_and_the_names_of_labels_do_not_matter()
    {
        var dice = new Random(3);
        var answers = Enumerable.Range(0, 200).Select(_ => (Truth: dice.Next(3), Predicted: dice.Next(3))).ToArray();
        var (matrix, turned) = (Of(answers), Of([.. answers.Reverse().Select(answer => ((answer.Truth + 1) % 3, (answer.Predicted + 1) % 3))]));
        Assert.Equal(matrix.Accuracy, turned.Accuracy);
        Assert.Equal(matrix.MacroF1, turned.MacroF1, 1e-12);
        Assert.Equal(matrix[0, 1], turned[1, 2]);
        Assert.Equal(matrix.Count, Enumerable.Range(0, 9).Sum(i => matrix[i / 3, i % 3]));
    }

    [Fact]
    public void Of_nothing_there_is_no_accuracy()
    {
        Assert.Throws<InvalidOperationException>(() => Of().Accuracy);
        Assert.Throws<InvalidOperationException>(() => Of().MacroF1);
        Assert.Throws<IndexOutOfRangeException>(() => Of((0, 3)));
    }

    // Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void The_interval_is_Wilsons_as_published(long hits, long trials, double low, double high)
    {
        var interval = new Proportion(hits, trials).Interval();
        Assert.Equal((low, high), (Math.Round(interval.Low, 4), Math.Round(interval.High, 4)));
    }

    [Fact]
    public void The_interval_holds_the_proportion_narrows_with_trials_and_mirrors()
    {
        for (var hits = 0; hits <= 50; hits++)
        {
            var (few, many, mirrored) = (new Proportion(hits, 50), new Proportion(100L * hits, 5_000).Interval(), new Proportion(50 - hits, 50).Interval());
            var interval = few.Interval();
            Assert.InRange(few.Value, interval.Low, interval.High);
            Assert.True(many.High - many.Low < interval.High - interval.Low);
            Assert.Equal(1 - mirrored.High, interval.Low, 1e-12);
            Assert.InRange(interval.Low, 0, 1);
            Assert.InRange(interval.High, 0, 1);
        }
    }

    [Fact]
    public void More_hits_than_trials_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Proportion(3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Proportion(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Proportion(-1, 2));
    }
}
