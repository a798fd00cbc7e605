using Rmt.Host.Evaluation;

namespace Rmt.Host.Tests.Evaluation;

public sealed class CountsTests
{
    [Theory]
    [InlineData("1", "1")]
    [InlineData("16,1..3,2", "1 2 3 16")]
    [InlineData("4096", "4096")]
    [InlineData("100000", "100000")]
    public void Numbers_of_segments_come_in_order_and_each_once(string text, string counts) => Assert.Equal(counts, string.Join(' ', SegmentCounts.Parse(text)!));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("100001")]
    [InlineData("3..1")]
    [InlineData("1,,2")]
    [InlineData("1..2..3")]
    [InlineData("-1")]
    [InlineData("1..")]
    public void What_is_no_number_of_segments_is_none(string text) => Assert.Null(SegmentCounts.Parse(text));

    [Theory]
    [InlineData("1000", 1, 1000)]
    [InlineData("1000", 4096, 1000)]
    [InlineData("1000,128@256", 255, 1000)]
    [InlineData("1000,128@256", 256, 128)]
    [InlineData("64@1024,1000,128@256", 1024, 64)]
    [InlineData("1000@1,5@2", 1, 1000)]
    public void Samples_are_as_many_as_the_last_step_says(string text, int segments, int samples) => Assert.Equal(samples, SampleCounts.Parse(text)![segments]);

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("1000001")]
    [InlineData("5@2")]
    [InlineData("5,6@0")]
    [InlineData("5,6")]
    [InlineData("5,6@2,7@2")]
    [InlineData("5,6@2@3")]
    public void What_leaves_a_length_open_or_says_it_twice_is_none(string text) => Assert.Null(SampleCounts.Parse(text));
}
