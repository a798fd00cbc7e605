using Rmt.Testing;

namespace Rmt.Adapter.Tests;

public sealed class SegmentationTests
{
    private static readonly SpecialTokens Bert = new(Pad: 0, Cls: 101, Sep: 102);

    [Fact]
    public void Ten_memory_tokens_and_three_special_ones_leave_499_of_512()
    {
        var layout = new SegmentLayout(512, 10, Bert);
        Assert.Equal((499, 1..11, 1..11), (layout.TokensPerSegment, layout.ReadMemory, layout.WriteMemory));
    }

    // The authors' rule, worked by hand (segments of 499).
    [Theory]
    [InlineData(1000, SegmentAlignment.Right, new[] { 2, 499, 499 })]
    [InlineData(1000, SegmentAlignment.Left, new[] { 499, 499, 2 })]
    [InlineData(1000, SegmentAlignment.Center, new[] { 334, 334, 332 })]
    [InlineData(499, SegmentAlignment.Right, new[] { 499 })]
    [InlineData(998, SegmentAlignment.Right, new[] { 499, 499 })]
    [InlineData(1994, SegmentAlignment.Right, new[] { 497, 499, 499, 499 })]
    [InlineData(0, SegmentAlignment.Right, new[] { 0 })]
    [InlineData(0, SegmentAlignment.Left, new[] { 0 })]
    [InlineData(0, SegmentAlignment.Center, new[] { 0 })]
    public void A_document_is_cut_as_the_authors_cut_it(int tokens, SegmentAlignment alignment, int[] lengths)
    {
        var segments = new Segmenter(new SegmentLayout(512, 10, Bert), alignment).Split(tokens);
        Assert.Equal(lengths, Enumerable.Range(0, segments.Count).Select(i => Length(segments[i])));
    }

    [Fact]
    public void Segments_follow_each_other_and_fill_the_document_whatever_its_length()
    {
        foreach (var alignment in Enum.GetValues<SegmentAlignment>())
        {
            for (var window = 8; window <= 20; window++)
            {
                var layout = new SegmentLayout(window, 4, Bert);
                for (var tokens = 0; tokens <= 100; tokens++)
                {
                    var segments = new Segmenter(layout, alignment).Split(tokens);
                    var at = 0;
                    for (var i = 0; i < segments.Count; i++)
                    {
                        Assert.Equal(at, segments[i].Start.Value);
                        Assert.InRange(Length(segments[i]), tokens == 0 ? 0 : 1, layout.TokensPerSegment);
                        at = segments[i].End.Value;
                    }
                    Assert.Equal(tokens, at);
                    Assert.Equal(Math.Max(1, (tokens + layout.TokensPerSegment - 1) / layout.TokensPerSegment), segments.Count);
                }
            }
        }
    }

    [Fact]
    public void A_segment_that_is_not_there_is_refused()
    {
        var segments = new Segmenter(Tiny.Layout()).Split(40);
        Assert.Throws<ArgumentOutOfRangeException>(() => segments[segments.Count]);
        Assert.Throws<ArgumentOutOfRangeException>(() => segments[-1]);
    }

    [Fact]
    public void A_window_is_cls_memory_sep_tokens_sep_and_padding()
    {
        var window = new long[12];
        new SegmentLayout(12, 3, Bert).Fill([7, 8], window);
        Assert.Equal([101, 0, 0, 0, 102, 7, 8, 102, 0, 0, 0, 0], window);
    }

    [Fact]
    public void A_window_without_room_for_a_token_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => new SegmentLayout(13, 10, Bert));
        Assert.Contains("no room for tokens", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CLS")]
    [InlineData("SEP")]
    [InlineData("PAD")]
    public void A_frame_that_lacks_a_token_is_refused_by_its_name(string lacking)
    {
        var special = new SpecialTokens(lacking == "PAD" ? null : 0, lacking == "CLS" ? null : 1, lacking == "SEP" ? null : 2);
        var error = Assert.Throws<ArgumentException>(() => new SegmentLayout(512, 10, special));
        Assert.Contains($"[{lacking}]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Special_tokens_written_in_a_text_are_dropped_before_it_is_cut()
    {
        List<int> ids = [5, 0, 1, 6, 2, 2, 7];
        new Segmenter(Tiny.Layout()).KeepContent(ids);
        Assert.Equal([5, 6, 7], ids);
    }

    [Theory]
    [InlineData(510, TruncationSide.Head, 510, 0)]
    [InlineData(510, TruncationSide.HeadTail, 128, 382)]
    [InlineData(1, TruncationSide.HeadTail, 0, 1)]
    [InlineData(4, TruncationSide.HeadTail, 1, 3)]
    public void A_limit_keeps_the_head_or_the_head_and_the_tail(int limit, TruncationSide side, int head, int tail)
    {
        var tokens = Enumerable.Range(0, 1000).ToArray();
        var kept = new Truncation(limit, side).Apply(tokens);
        Assert.Equal([.. tokens[..head], .. tokens[^tail..]], kept);
        Assert.Same(tokens, new Truncation(1000, side).Apply(tokens));
    }

    private static int Length(Range range) => range.End.Value - range.Start.Value;
}
