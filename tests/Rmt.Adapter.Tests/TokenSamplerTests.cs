namespace Rmt.Adapter.Tests;

public sealed class TokenSamplerTests
{
    // Shares 0.4, 0.3, 0.2, 0.06, 0.04 in another order than that of the ids.
    private static readonly double[] Shares = [0.06, 0.3, 0.04, 0.4, 0.2];
    private static readonly float[] Logits = [.. Shares.Select(share => (float)Math.Log(share))];

    [Fact]
    public void Without_temperature_it_is_the_likeliest_and_of_two_the_first()
    {
        Assert.Equal(3, new TokenSampler(new()).Next(Logits, 5));
        Assert.Equal(1, new TokenSampler(new()).Next([0, 2, 1, 2], 5));
        Assert.Equal(3, new TokenSampler(new() { Temperature = 2, TopK = 1 }).Next(Logits, 5));
    }

    [Theory]
    [InlineData(1, null, 1.0, new[] { 0, 1, 2, 3, 4 })]
    [InlineData(2, null, 1.0, new[] { 0, 1, 2, 3, 4 })]
    [InlineData(1, 3, 1.0, new[] { 1, 3, 4 })]
    [InlineData(1, 9, 1.0, new[] { 0, 1, 2, 3, 4 })]
    [InlineData(1, null, 0.69, new[] { 1, 3 })]
    [InlineData(1, null, 0.71, new[] { 1, 3, 4 })]
    [InlineData(1, null, 0.01, new[] { 3 })]
    [InlineData(1, 3, 0.5, new[] { 1, 3 })]          // of the three likeliest, 0.4 of 0.9 is less than a half
    [InlineData(1, 2, 0.5, new[] { 3 })]             // of the two, 0.4 of 0.7 is more
    public void What_is_drawn_has_the_shares_of_the_softmax_among_those_that_are_kept(double temperature, int? topK, double topP, int[] kept)
    {
        const int Draws = 20_000;
        var sampler = new TokenSampler(new() { Temperature = temperature, TopK = topK, TopP = topP, Seed = 5 });
        var counts = new double[Shares.Length];
        for (var place = 0; place < Draws; place++) counts[sampler.Next(Logits, place)]++;
        var weights = Shares.Select((share, id) => kept.Contains(id) ? Math.Pow(share, 1 / temperature) : 0).ToArray();
        for (var id = 0; id < counts.Length; id++)
        {
            var share = weights[id] / weights.Sum();
            Assert.InRange(counts[id] / Draws, share - (5 * Math.Sqrt(share * (1 - share) / Draws)), share + (5 * Math.Sqrt(share * (1 - share) / Draws)));
        }
    }

    [Fact]
    public void A_draw_is_a_function_of_seed_and_place()
    {
        int[] Drawn(ulong seed) => [.. Enumerable.Range(0, 200).Select(place => new TokenSampler(new() { Temperature = 1, Seed = seed }).Next(Logits, place))];
        Assert.Equal(Drawn(1), Drawn(1));
        Assert.NotEqual(Drawn(1), Drawn(2));
        Assert.NotEqual(Drawn(1)[..100], Drawn(1)[100..]);
    }

    [Fact]
    public void Logits_that_are_no_numbers_are_refused()
    {
        var error = Assert.Throws<InvalidOperationException>(() => new TokenSampler(new()).Next([0, float.NaN], 0));
        Assert.Contains("NaN for token 1", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, new TokenSampler(new() { Temperature = 1 }).Next([float.NegativeInfinity, 0], 0));
    }
}
