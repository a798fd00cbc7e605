using System.Text;
using static Rmt.Loaders.Tests.SafetensorsBytes;

namespace Rmt.Loaders.Tests;

public sealed class SafetensorsHeaderTests
{
    [Fact]
    public void The_bytes_of_a_small_file_mean_what_the_format_says()
    {
        // 64 bytes of header, JSON padded with three spaces, then two halves: 1.0 and -2.0.
        var file = (byte[])[.. "\x40\0\0\0\0\0\0\0"u8, .. """{"half":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]}}     """u8, 0x00, 0x3c, 0x00, 0xc0];
        var header = Parse(file);
        var entry = Assert.Single(header.Entries);
        Assert.Equal(("half", Dtype.F16, 0L, 4L, 4L, 2L), (entry.Name, entry.Dtype, entry.Begin, entry.End, entry.Length, entry.Items));
        Assert.Equal([1, 2], entry.Shape);
        Assert.Equal(8 + 64, header.DataStart);
        Assert.Empty(header.Metadata);
    }

    [Fact]
    public void A_file_without_tensors_is_a_file() => Assert.Empty(Parse(File("{}", 0)).Entries);

    [Fact]
    public void Metadata_are_strings_in_the_order_of_the_file()
        => Assert.Equal([new("format", "pt"), new("a", "ü\n")], Parse(File("""{"__metadata__":{"format":"pt","a":"ü\n"}}""", 0)).Metadata);

    [Fact]
    public void Entries_are_in_the_order_of_their_bytes_whatever_the_order_of_the_header()
    {
        var header = Parse(File("""{"b":{"dtype":"I64","shape":[],"data_offsets":[4,12]},"e":{"dtype":"U8","shape":[0,7],"data_offsets":[4,4]},"a":{"shape":[4],"data_offsets":[0,4],"dtype":"BOOL"}}""", 12));
        Assert.Equal(["a", "e", "b"], header.Entries.Select(entry => entry.Name));
        Assert.Equal([4, 0, 1], header.Entries.Select(entry => entry.Items));
    }

    [Theory]
    [InlineData("F64", 8), InlineData("F32", 4), InlineData("F16", 2), InlineData("BF16", 2), InlineData("I64", 8)]
    [InlineData("I32", 4), InlineData("I16", 2), InlineData("I8", 1), InlineData("U8", 1), InlineData("BOOL", 1)]
    public void Every_type_has_its_size(string dtype, int size)
        => Assert.Equal(dtype, Assert.Single(Parse(File($$$"""{"x":{"dtype":"{{{dtype}}}","shape":[3],"data_offsets":[0,{{{3 * size}}}]}}""", 3 * size)).Entries).Dtype.ToString());

    [Fact]
    public void A_file_of_less_than_eight_bytes_is_refused()
        => Assert.Equal("model.safetensors: is 3 bytes long; a safetensors file begins with 8 bytes that give the length of its header.", Refusal([1, 2, 3]));

    [Fact]
    public void A_header_over_the_limit_is_refused_before_it_is_read()
        => Assert.Contains("header has 100000001 bytes; the format allows 100000000", Refusal([.. BitConverter.GetBytes(100_000_001L), (byte)'{']));

    [Fact]
    public void A_length_that_is_no_length_is_refused()
        => Assert.Contains("header has 18446744073709551615 bytes; the format allows 100000000", Refusal([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, (byte)'{']));

    [Fact]
    public void A_header_longer_than_the_file_is_refused()
        => Assert.Contains("header has 3 bytes, but only 2 follow", Refusal([3, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}']));

    [Fact]
    public void A_header_must_begin_with_a_brace_and_not_with_a_space()
    {
        Assert.Contains("must begin with '{', found the byte 0x20", Refusal(" {}", 0));
        Assert.Contains("must begin with '{', found an empty header", Refusal("", 0));
    }

    [Fact]
    public void A_header_that_is_not_UTF8_is_refused() => Assert.Contains("not UTF-8", Refusal(File([(byte)'{', (byte)'"', 0xc3, (byte)'"', (byte)'}'], 0)));

    [Fact]
    public void Half_of_a_surrogate_pair_is_refused() => Assert.Contains("not Unicode", Refusal("""{"\ud800":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}""", 1));

    [Theory]
    [InlineData("{"), InlineData("{}}"), InlineData("{,}"), InlineData("{'a':1}"), InlineData("{}{}"), InlineData("{\"a\":{\"shape\":[1,]}}"), InlineData("{/**/}")]
    public void A_header_that_is_not_JSON_is_refused(string json) => Assert.Contains("the header is not JSON", Refusal(json, 0));

    [Fact]
    public void Padding_is_of_spaces() => Assert.Contains("padded with something else than spaces", Refusal("{}\n", 0));

    [Theory]
    [InlineData("""{"__metadata__":[]}""", "__metadata__ must be an object, found a list")]
    [InlineData("""{"__metadata__":{"n":1}}""", "__metadata__, key 'n': must be a string, found 1")]
    [InlineData("""{"__metadata__":{"n":"1","n":"2"}}""", "__metadata__ has the key 'n' twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", "the header names '__metadata__' twice")]
    [InlineData("""{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", "the header names 'a' twice")]
    [InlineData("""{"a":null}""", "tensor 'a' must be an object, found null")]
    [InlineData("""{"a":{"dtype":"U8","dtype":"U8"}}""", "tensor 'a' has the key 'dtype' twice")]
    [InlineData("""{"a":{"strides":[1]}}""", "tensor 'a' has the key 'strides'; the format knows dtype, shape and data_offsets")]
    [InlineData("""{"a":{"shape":[],"data_offsets":[0,1]}}""", "tensor 'a' has no dtype")]
    [InlineData("""{"a":{"dtype":"U8","data_offsets":[0,1]}}""", "tensor 'a' has no shape")]
    [InlineData("""{"a":{"dtype":"U8","shape":[]}}""", "tensor 'a' has no data_offsets")]
    [InlineData("""{"a":{"dtype":"F8_E4M3"}}""", "tensor 'a' has dtype 'F8_E4M3'; read are I64, F64, F32, I32, BF16, F16, I16, I8, U8, BOOL")]
    [InlineData("""{"a":{"dtype":"7"}}""", "tensor 'a' has dtype '7'; read are")]
    [InlineData("""{"a":{"dtype":"f32"}}""", "tensor 'a' has dtype 'f32'; read are")]
    [InlineData("""{"a":{"dtype":7}}""", "tensor 'a': dtype must be a string, found 7")]
    [InlineData("""{"a":{"shape":3}}""", "tensor 'a': shape must be a list of whole numbers, found 3")]
    [InlineData("""{"a":{"shape":[-1]}}""", "tensor 'a': shape must be whole numbers from 0 to 2^63 - 1, found -1")]
    [InlineData("""{"a":{"shape":[1.5]}}""", "tensor 'a': shape must be whole numbers from 0 to 2^63 - 1, found 1.5")]
    [InlineData("""{"a":{"shape":[1e3]}}""", "tensor 'a': shape must be whole numbers from 0 to 2^63 - 1, found 1e3")]
    [InlineData("""{"a":{"shape":[9223372036854775808]}}""", "tensor 'a': shape must be whole numbers from 0 to 2^63 - 1, found 9223372036854775808")]
    [InlineData("""{"a":{"shape":[[1]]}}""", "tensor 'a': shape must be whole numbers from 0 to 2^63 - 1, found a list")]
    [InlineData("""{"a":{"shape":["2"]}}""", "tensor 'a': shape must be whole numbers from 0 to 2^63 - 1, found \"2\"")]
    [InlineData("""{"a":{"dtype":"U8","shape":[],"data_offsets":[0]}}""", "tensor 'a': data_offsets must be two numbers, begin and end; found 1")]
    [InlineData("""{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1,2]}}""", "tensor 'a': data_offsets has more than 2 numbers")]
    [InlineData("""{"a":{"dtype":"U8","shape":[],"data_offsets":[1,0]}}""", "tensor 'a': data_offsets end at 0 before they begin at 1")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,4]}}""", "tensor 'a', F32 [2, 3], needs 24 bytes; data_offsets [0, 4] give it 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}""", "tensor 'a' of shape [4294967296, 4294967296] would have more bytes than can be counted")]
    [InlineData("""{"a":{"dtype":"F64","shape":[4611686018427387904],"data_offsets":[0,4]}}""", "tensor 'a' of shape [4611686018427387904] would have more bytes than can be counted")]
    [InlineData("""{"a":{"dtype":"U8","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}}""", "tensor 'a' of shape [0, 4294967296, 4294967296] would have more bytes than can be counted")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", "tensor 'a' begins at byte 1, the first must begin at 0: the bytes between belong to no tensor")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""", "tensor 'b' begins at byte 2, the one before it ('a') ends at 1: the bytes between belong to no tensor")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", "tensor 'b' begins at byte 1, the one before it ('a') ends at 2: they overlap")]
    [InlineData("""{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}""", "the tensors need 9 bytes after the header, the file has 4. It was cut off: copy or download it again")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "the tensors need 3 bytes after the header, the file has 4: the last 1 belong to no tensor")]
    [InlineData("{}", "the tensors need 0 bytes after the header, the file has 4: the last 4 belong to no tensor")]
    public void Each_way_to_be_wrong_has_its_own_sentence(string json, string sentence)
        => Assert.StartsWith($"model.safetensors: {sentence}", Refusal(json, 4));

    [Fact]
    public void A_hostile_shape_is_refused_before_it_fills_the_memory()
        => Assert.Contains("shape has more than 64 numbers", Refusal($$$"""{"a":{"shape":[{{{string.Join(',', Enumerable.Repeat(1, 1_000_000))}}}]}}""", 0));

    [Fact]
    public void Deep_nesting_is_refused() => Assert.Contains("tensor 'a' must be an object, found a list", Refusal("{\"a\":" + new string('[', 1_000_000), 0));

    [Fact]
    public void A_message_stays_one_short_line_whatever_the_file_holds()
    {
        var message = Refusal("{\"" + "\\n\\u001b[31m" + new string('x', 100_000) + "\":null}", 0);
        Assert.InRange(message.Length, 1, 300);
        Assert.Contains("'\\u000a\\u001b[31mxxx", message);
    }

    [Fact]
    public void Every_beginning_of_a_good_file_is_refused()
    {
        var file = File(Encoding.UTF8.GetBytes("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} """), 8);
        for (var length = 0; length < file.Length; length++)
            _ = Refusal(file.AsSpan(0, length));
        Assert.Equal("a", Assert.Single(Parse(file).Entries).Name);
    }
}
