using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter.Tests;

public sealed class StepShapesTests
{
    private const int Window = 512;

    [Fact]
    public void A_shape_of_its_own_holds_every_step_and_wastes_less_than_half_its_rows_and_windows()
    {
        var shapes = new StepShapes(Window);
        foreach (var most in new[] { 1, 2, 7, 8, 31, 32, 100, 128, 200 })
            for (var rows = 1; rows <= most; rows++)
                foreach (var (shortest, longest) in Lengths())
                {
                    var own = shapes.Own(rows, most, shortest, longest);
                    Assert.True(Holds(own, rows, shortest, longest), $"{own} for {rows} rows of {shortest} to {longest}");
                    Assert.InRange(own.Rows, rows, most);
                    Assert.True(2 * own.Rows < 3 * rows || own.Rows == rows, $"{own.Rows} rows for {rows}");
                    Assert.True(own.Window < 2 * longest || own.Window == 64, $"a window of {own.Window} for {longest}");
                    Assert.Equal(own.Window > shortest, own.Masked);
                }
    }

    [Theory]
    [InlineData(24, new[] { 24 })]
    [InlineData(64, new[] { 64 })]
    [InlineData(100, new[] { 64, 100 })]
    [InlineData(512, new[] { 64, 128, 256, 512 })]
    [InlineData(1024, new[] { 64, 128, 256, 512, 1024 })]
    public void Windows_are_doubled_up_to_the_full_one(int window, int[] expected)
    {
        var shapes = new StepShapes(window);
        Assert.Equal(expected, Enumerable.Range(1, window).Select(length => shapes.Own(1, 1, length, length).Window).Distinct());
    }

    [Fact]
    public void Rows_are_few_numbers_and_the_most_of_a_step_is_one_of_them()
    {
        var shapes = new StepShapes(Window);
        Assert.Equal([1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128], Enumerable.Range(1, 128).Select(rows => shapes.Own(rows, 128, Window, Window).Rows).Distinct());
        Assert.Equal([1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 40], Enumerable.Range(1, 40).Select(rows => shapes.Own(rows, 40, Window, Window).Rows).Distinct());
    }

    // Whatever comes, in whatever order: room for all, few shapes, and never more computed than the steps' own shapes and one recording more for each of these.
    [Theory]
    [InlineData(1, 8)]
    [InlineData(2, 32)]
    [InlineData(3, 40)]
    [InlineData(4, 128)]
    public void Any_sequence_of_steps_is_held_by_few_shapes_at_a_bounded_price(int seed, int most)
    {
        var (dice, shapes) = (new Random(seed), new StepShapes(Window));
        var (paid, due, owns) = (0L, 0L, new HashSet<StepShape>());
        for (var step = 0; step < 20_000; step++)
        {
            var rows = dice.Next(3) == 0 ? most : dice.Next(1, most + 1);
            var longest = dice.Next(3) == 0 ? dice.Next(13, Window + 1) : Window;
            var shortest = dice.Next(2) == 0 ? longest : dice.Next(13, longest + 1);
            var own = shapes.Own(rows, most, shortest, longest);
            var taken = shapes.Take(rows, most, shortest, longest);
            Assert.True(Holds(taken, rows, shortest, longest), $"{taken} for {rows} rows of {shortest} to {longest}");
            Assert.Contains(taken, shapes.Known);
            _ = owns.Add(own);
            (paid, due) = (paid + taken.Cost, due + own.Cost);
            Assert.True(paid <= due + owns.Count * shapes.Price, $"step {step}: {paid} for {due} and {owns.Count} recordings of {shapes.Price}");
        }
        Assert.True(owns.IsSupersetOf(shapes.Known));
        // Every number of rows, the full window with and without a mask; of the shorter ones those without a mask take rows that are exactly as long.
        Assert.InRange(shapes.Known.Count, 1, 14 * 8);
    }

    [Fact]
    public void A_step_that_comes_again_and_again_gets_a_shape_of_its_own_and_keeps_it()
    {
        var shapes = new StepShapes(Window);
        Assert.Equal(new(32, Window, false), shapes.Take(32, 32, Window, Window));
        var taken = Enumerable.Range(0, 100).Select(_ => shapes.Take(20, 32, Window, Window)).ToArray();
        // 24 rows would do: each step computes eight for nothing, and 256 make a recording.
        Assert.Equal(Enumerable.Repeat(new StepShape(32, Window, false), 32).Concat(Enumerable.Repeat(new StepShape(24, Window, false), 68)), taken);
    }

    [Fact]
    public void A_shape_without_a_mask_is_recorded_beside_the_same_with_one_where_it_comes_often()
    {
        var shapes = new StepShapes(Window);
        Assert.True(shapes.Take(32, 32, 100, Window).Masked);
        Assert.True(shapes.Take(32, 32, Window, Window).Masked);
        for (var i = 0; i < 100; i++) _ = shapes.Take(32, 32, Window, Window);
        Assert.False(shapes.Take(32, 32, Window, Window).Masked);
        Assert.True(shapes.Take(32, 32, 100, Window).Masked);
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        var shapes = new StepShapes(Window);
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => shapes.Take(0, 8, 20, 20));
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => shapes.Take(9, 8, 20, 20));
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => shapes.Take(1, 8, 20, Window + 1));
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => shapes.Take(1, 8, 21, 20));
    }

    [Fact]
    public void On_a_cpu_steps_keep_the_shapes_they_have()
    {
        using var model = Tiny.Classifier();
        using var scheduler = new SegmentScheduler(model, new Segmenter(Tiny.Layout()), 4);
        scheduler.Add(new int[5]);
        _ = scheduler.Step();
        Assert.False(model.Recorded.Apply);
        Assert.Empty(model.Recorded.Shapes.Known);
    }

    private static bool Holds(StepShape shape, int rows, int shortest, int longest) => shape.Rows >= rows && shape.Window >= longest && (shape.Masked || shape.Window == shortest);

    private static IEnumerable<(int Shortest, int Longest)> Lengths() =>
        from longest in new[] { 13, 14, 63, 64, 65, 128, 129, 255, 256, 257, 300, 511, 512 }
        from shortest in new[] { 13, 64, 128, 256, longest }
        where shortest <= longest
        select (shortest, longest);
}
