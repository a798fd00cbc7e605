using System.Text;

namespace Rmt.Loaders.Tests;

public sealed class JsonFileTests
{
    [Fact]
    public void Values_come_with_their_types()
    {
        var json = Parse("""{"n":12,"whole":512.0,"e":1e-12,"t":"ü","b":true,"l":["a","b"],"o":{"i":3},"z":null}""");
        Assert.Equal((12, 512, 1e-12, "ü", true), (json.Positive("n"), json.Positive("whole"), json.Number("e"), json.Text("t"), json.Flag("b")));
        Assert.Equal(["a", "b"], json.Texts("l"));
        Assert.Equal(3, json.Inner("o").Whole("i", 0, 3));
        Assert.True(json.Has("n"));
        Assert.False(json.Has("z"));
    }

    [Fact]
    public void Absent_and_null_take_the_default()
    {
        var json = Parse("""{"z":null}""");
        Assert.All(new[] { "z", "absent" }, key =>
        {
            Assert.Equal((7, 0.5, "d", true, "a"), (json.Positive(key, 7), json.Number(key, 0.5), json.Text(key, "d"), json.Flag(key, true), json.Choice(key, ["a", "b"], "a")));
            Assert.Empty(json.Texts(key));
            Assert.Null(json.OptionalText(key));
            Assert.Null(json.OptionalInner(key));
        });
    }

    [Theory]
    [InlineData("\"12\""), InlineData("0"), InlineData("-3"), InlineData("1.5"), InlineData("2147483648"), InlineData("1e99"), InlineData("true"), InlineData("[]")]
    public void A_value_that_is_wrong_is_never_replaced_by_the_default(string value)
    {
        var e = Assert.Throws<LoadException>(() => Parse($$"""{"hidden_size":{{value}}}""").Positive("hidden_size", 768));
        Assert.Equal($"config.json: hidden_size must be a positive whole number, found {(value == "[]" ? "a list" : value)}.", e.Message);
    }

    [Fact]
    public void Every_refusal_names_file_key_expected_and_found()
    {
        var json = Parse("""{"n":1e999,"b":1,"t":[1],"l":["a",2],"o":{"i":"x"},"c":"gelo"}""");
        Assert.Equal("config.json: absent is missing; it must be a positive whole number.", Message(() => json.Positive("absent")));
        Assert.Equal("config.json: n must be a number, found 1e999.", Message(() => json.Number("n")));
        Assert.Equal("config.json: b must be true or false, found 1.", Message(() => json.Flag("b")));
        Assert.Equal("config.json: t must be a string, found a list.", Message(() => json.Text("t")));
        Assert.Equal("config.json: l must be a list of strings, found 2.", Message(() => json.Texts("l")));
        Assert.Equal("config.json: o.i must be a whole number from 0 to 3, found \"x\".", Message(() => json.Inner("o").Whole("i", 0, 3)));
        Assert.Equal("config.json: c must be one of gelu, relu, found \"gelo\".", Message(() => json.Choice("c", ["gelu", "relu"])));
        Assert.Equal("config.json: o must be one of gelu, relu, found an object.", Message(() => json.Choice("o", ["gelu", "relu"])));
        Assert.Equal("config.json: absent is missing; it must be an object.", Message(() => json.Inner("absent")));
    }

    [Theory]
    [InlineData("", "is not JSON")]
    [InlineData("[]", "must hold a JSON object at byte 0, found a list")]
    [InlineData("null", "must hold a JSON object at byte 0, found null")]
    [InlineData("{\"a\":1,}", "is not JSON")]
    [InlineData("{\"a\":1,\"a\":2}", "is not JSON: Duplicate property 'a'")]
    [InlineData("{\"a\":\"\\ud800\"}", "has a string that is not Unicode at byte 5: half of a surrogate pair")]
    [InlineData("{\"\\udc00\":1}", "has a string that is not Unicode")]
    [InlineData("{\"a\":{\"b\":[\"\\ud800\"]}}", "has a string that is not Unicode")]
    public void What_is_no_JSON_object_is_refused(string json, string sentence) => Assert.StartsWith($"config.json: {sentence}", Message(() => Parse(json)));

    [Fact]
    public void Deep_nesting_is_refused() => Assert.StartsWith("config.json: is not JSON", Message(() => Parse("{\"a\":" + new string('[', 1_000_000))));

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused() => Assert.Equal("config.json: is not UTF-8 at byte 2.", Message(() => JsonFile.Parse("config.json", new byte[] { (byte)'{', (byte)'"', 0xe9, (byte)'"' })));

    [Fact]
    public void A_byte_order_mark_is_passed_over() => Assert.Equal(1, JsonFile.Parse("config.json", "\uFEFF{\"a\":1}"u8.ToArray()).Positive("a"));

    [Fact]
    public void A_file_that_is_not_there_is_refused_by_name() => Assert.StartsWith("nowhere/config.json: cannot be read: ", Message(() => JsonFile.Open("nowhere/config.json")));

    [Fact]
    public void Values_inside_lists_and_objects_are_named_with_their_place()
    {
        var json = Parse("""{"o":{"l":[{"i":1},{"i":"x"},7]},"half \ud83d\ude00":{"a.b":true}}""");
        var items = json.Inner("o").Items("l").ToList();
        Assert.Equal("config.json: o.l[1].i must be a whole number from 0 to 3, found \"x\".", Message(() => items[1].Whole("i", 0, 3)));
        Assert.Equal("config.json: o.l[2] must be an object, found 7.", items[2].Wrong("an object").Message);
        Assert.Equal("config.json: half 😀.a.b must be a string, found true.", Message(() => json.Inner("half 😀").Text("a.b")));
        Assert.Equal("config.json: o must be a list, found an object.", Message(() => json.Items("o").ToList()));
    }

    private static JsonFile Parse(string json) => JsonFile.Parse("config.json", Encoding.UTF8.GetBytes(json));

    private static string Message(Func<object?> act) => Assert.Throws<LoadException>(act).Message;
}
