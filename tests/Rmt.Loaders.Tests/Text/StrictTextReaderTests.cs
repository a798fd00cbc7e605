using System.Globalization;
using System.Text;

namespace Rmt.Loaders.Tests;

public class StrictTextReaderTests
{
    private static string Read(byte[] bytes, string? encoding = null, int? seed = null)
    {
        using var reader = new StrictTextReader(seed is { } number ? new DrippingStream(bytes, new Random(number)) : new MemoryStream(bytes), encoding);
        return reader.ReadToEnd();
    }

    private static byte[] RandomBytes(Random random)
    {
        // Mostly text with characters of every length, now and then a byte that belongs nowhere.
        var bytes = new List<byte>();
        var wrong = random.Next(3) == 0;
        for (var i = random.Next(200); i > 0; i--)
        {
            if (wrong && random.Next(40) == 0)
                bytes.Add((byte)random.Next(256));
            else
                bytes.AddRange(Encoding.UTF8.GetBytes(new[] { "a", "é", "漢", "😀", "\n", "\uFEFF" }[random.Next(6)]));
        }
        return [.. bytes];
    }

    private static int? FirstBad(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            if (Rune.DecodeFromUtf8(bytes.AsSpan(at), out _, out var length) != System.Buffers.OperationStatus.Done)
                return at;
            at += length;
        }
        return null;
    }

    [Fact]
    public void Bytes_cut_anywhere_decode_like_the_whole_and_the_first_bad_one_is_named()
    {
        var random = new Random(1);
        for (var round = 0; round < 3000; round++)
        {
            var bytes = RandomBytes(random);
            if (FirstBad(bytes) is { } offset)
            {
                var error = Assert.Throws<NotTextException>(() => Read(bytes, seed: round));
                Assert.Equal((offset, string.Create(CultureInfo.InvariantCulture, $"not UTF-8: the byte at offset {offset} belongs to no character; name its encoding")), (error.Offset, error.Message));
            }
            else
            {
                var text = Encoding.UTF8.GetString(bytes);
                Assert.Equal(text.StartsWith('\uFEFF') ? text[1..] : text, Read(bytes, seed: round));
            }
        }
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void A_byte_order_mark_is_honoured_and_dropped(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        const string Text = "plain é漢😀 \uFEFF inside";
        byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes(Text)];
        for (var seed = 0; seed < 50; seed++)
            Assert.Equal(Text, Read(bytes, seed: seed));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x41, 0x00, 0x00, 0xD8, 0x41, 0x00 }, 4)]   // a high surrogate without its low one
    [InlineData(new byte[] { 0xFE, 0xFF, 0xDC, 0x00 }, 2)]                            // a low one alone
    [InlineData(new byte[] { 0xFF, 0xFE, 0x41, 0x00, 0x42 }, 4)]                      // half a unit
    [InlineData(new byte[] { 0x41, 0xE6, 0xBC }, 1)]                                  // the end cuts a character off
    public void A_character_that_is_not_whole_is_bad_where_it_begins(byte[] bytes, int offset)
    {
        Assert.Equal(offset, Assert.Throws<NotTextException>(() => Read(bytes, seed: 3)).Offset);
    }

    [Fact]
    public void An_encoding_that_the_runtime_refuses_is_not_known() => Assert.False(StrictTextReader.Knows("utf-7"));

    [Theory]
    [InlineData("windows-1252")]
    [InlineData("shift_jis")]
    [InlineData("gb18030")]
    [InlineData("utf-16")]
    public void A_named_encoding_decodes_like_the_whole_however_it_is_cut(string name)
    {
        Assert.True(StrictTextReader.Knows(name));
        Assert.False(StrictTextReader.Knows($"{name}-of-old"));
        var encoding = Encoding.GetEncoding(name);
        var text = new StringBuilder();
        for (var i = 0; i < 9000; i++)
            _ = text.Append(name switch { "windows-1252" => "aé€", "shift_jis" => "aｱ漢", _ => "aé漢😀" });
        Assert.Equal(text.ToString(), Read(encoding.GetBytes(text.ToString()), name, seed: 5));
        Assert.Equal(text.ToString(), Read(encoding.GetBytes(text.ToString()), name));
    }

    [Theory]
    [InlineData("shift_jis", 1, 100_000)]   // a trail byte that is none
    [InlineData("us-ascii", 0, 100_000)]
    [InlineData("us-ascii", 0, 0)]
    public void A_bad_byte_of_a_named_encoding_is_told(string name, int slack, int offset)
    {
        byte[] bytes = [.. Enumerable.Repeat((byte)'a', offset), 0x81, 0x20, .. Enumerable.Repeat((byte)'a', 50)];
        var error = Assert.Throws<NotTextException>(() => Read(bytes, name));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"not {name}"), error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.InRange(error.Offset, offset, offset + slack);
    }

    [Fact]
    public void Memory_does_not_depend_on_the_length_of_a_file()
    {
        static long Allocated(int megabytes)
        {
            using var reader = new StrictTextReader(new EndlessText(megabytes * 1_000_000L), null);
            var part = new char[4096];
            var before = GC.GetAllocatedBytesForCurrentThread();
            while (reader.Read(part) > 0)
            {
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        _ = Allocated(1);
        Assert.InRange(Allocated(50) - Allocated(1), -100_000, 100_000);   // what the runtime itself allocates now and then is far below 49 MB
    }

    private sealed class EndlessText(long length) : MemoryStream
    {
        private long _left = length;

        public override int Read(Span<byte> buffer)
        {
            var count = (int)Math.Min(buffer.Length, _left);
            buffer[..count].Fill((byte)'x');
            _left -= count;
            return count;
        }
    }
}
