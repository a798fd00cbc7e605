using Rmt.Adapter;

namespace Rmt.Loaders.Tests;

public sealed class StreamTokenizerTests
{
    // Words, an ideograph, a mark on a letter and one on nothing, an added token that takes spaces away and one with none before it.
    private const string Line = "the cats sat on 漢the mat, e\u0301 \u0301 [X]cat [X] unknown\n";

    private static readonly ITokenizer Tokenizer = OwnTokenizer.Of("the cat ##s sat on mat , e 漢", null,
        new AddedToken(-1, "[X]") { LeftStrip = true, RightStrip = true }, new AddedToken(-1, "Cats") { Normalized = true, SingleWord = true });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void The_ids_are_those_of_the_whole_text_wherever_its_parts_end(int threads)
    {
        var text = string.Concat(Enumerable.Repeat(Line, 12));
        var expected = Tokenizer.Encode(text);
        for (var part = 1; part < 3 * Line.Length; part++)
            Assert.Equal(expected, Cuts.Stream(Tokenizer, text, threads, part));
    }

    [Fact]
    public void A_text_without_a_place_to_cut_is_read_by_one_thread_after_another()
    {
        var text = string.Concat(Enumerable.Repeat("cats漢,", 500));
        Assert.Equal(Tokenizer.Encode(text), Cuts.Stream(Tokenizer, text, threads: 3, part: 100));
    }

    [Fact]
    public void A_tokenizer_cuts_only_behind_what_no_added_token_has_in_it()
    {
        Assert.Equal(4, Tokenizer.LastCut("a\nb c"));
        Assert.Equal(2, Tokenizer.LastCut("a\nbc"));
        Assert.Equal(2, OwnTokenizer.Of("a", null, new AddedToken(-1, "a b")).LastCut("a\nb c"));
        Assert.Equal(0, OwnTokenizer.Of("a", null, new AddedToken(-1, "a b") { Normalized = true }).LastCut("a\nb c"));
        Assert.Equal(0, OwnTokenizer.Of("a", null, new AddedToken(-1, "漢") { Normalized = true }).LastCut("a\nb c"));   // normalized: a space on both sides
    }

    [Fact]
    public void Memory_does_not_grow_with_the_text()
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var ids = 0L;
        foreach (var part in new StreamTokenizer(Tokenizer, threads: 2).Tokenize(new Endless(Line, 20_000_000), TestContext.Current.CancellationToken))
            ids += part.Count;
        Assert.Equal(20_000_000L / Line.Length * Tokenizer.Encode(Line).Count, ids);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 16 << 20);
    }

    [Fact]
    public void Cancelling_ends_it_within_a_part()
    {
        using var cancel = new CancellationTokenSource();
        var parts = 0;
        _ = Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var _ in new StreamTokenizer(Tokenizer, threads: 2).Tokenize(new Endless(Line, long.MaxValue), cancel.Token))
                if (++parts == 50)
                    cancel.Cancel();
        });
        Assert.Equal(50, parts);
    }

    [Fact]
    public void What_the_text_throws_comes_through()
    {
        _ = Assert.Throws<InvalidDataException>(() => new StreamTokenizer(Tokenizer, threads: 2).Tokenize(new Endless(Line, 5_000_000, breaks: true), TestContext.Current.CancellationToken).Count());
    }

    /// <summary>Whole lines, again and again, in reads of any length.</summary>
    private sealed class Endless(string line, long length, bool breaks = false) : TextReader
    {
        private long at;
        private readonly long end = length / line.Length * line.Length;

        public override int Read(Span<char> buffer)
        {
            if (at == end && breaks)
                throw new InvalidDataException("the text breaks off");
            var count = (int)Math.Min(Math.Min(buffer.Length, 5_000), end - at);
            for (var i = 0; i < count; i++)
                buffer[i] = line[(int)((at + i) % line.Length)];
            at += count;
            return count;
        }
    }
}
