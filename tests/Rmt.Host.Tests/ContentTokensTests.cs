using Rmt.Adapter;
using Rmt.Host.Reading;

namespace Rmt.Host.Tests;

public class ContentTokensTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(768)]
    [InlineData(769)]
    [InlineData(3_000_000)]
    public void What_is_taken_in_pieces_is_kept_in_order_without_special_tokens(int count)
    {
        var content = new ContentTokens(new SpecialTokens(0, 1, 2));
        var random = new Random(count);
        for (var next = 0; next < count;)
        {
            var ids = new List<int> { 0, 1, 2 };
            for (var end = Math.Min(count, next + random.Next(5000)); next < end; next++)
                ids.Add(3 + next);
            content.Take(ids);
        }
        Assert.Equal(count, content.Count);
        Assert.Equal(Enumerable.Range(3, count), content.Keep(null).ToArray());
    }

    [Fact]
    public void A_limit_keeps_what_it_says()
    {
        var content = new ContentTokens(new SpecialTokens(null, null, null));
        content.Take([.. Enumerable.Range(0, 1000)]);
        Assert.Equal([0, 1, 996, 997, 998, 999], content.Keep(new Truncation(6, TruncationSide.HeadTail)).ToArray());
    }
}
