using Rmt.Host.Tracing;

namespace Rmt.Host.Tests.Tracing;

public class SelectionTests
{
    [Theory]
    [InlineData("0", new[] { 0 })]
    [InlineData("all", new[] { 0, 1, 2, 3, 4, 5 })]
    [InlineData("last", new[] { 5 })]
    [InlineData("last-1,0", new[] { 0, 4 })]
    [InlineData("1..3,2..4", new[] { 1, 2, 3, 4 })]
    [InlineData("last-2..last", new[] { 3, 4, 5 })]
    public void Of_six(string text, int[] expected) => Assert.Equal(expected, Selection.Parse(text)!.Of(6, "--x", "things"));

    [Theory]
    [InlineData("6")]
    [InlineData("last-6")]
    [InlineData("3..2")]
    [InlineData("0..99999999")]
    public void What_six_do_not_have_is_refused(string text) =>
        Assert.StartsWith($"--x {text}: there are 6 things, 0 to 5;", Assert.Throws<UsageException>(() => Selection.Parse(text)!.Of(6, "--x", "things")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0..29", new[] { 0, 1, 2, 3, 4, 5 })]
    [InlineData("9,last-1..last", new[] { 4, 5 })]
    [InlineData("last-9..1", new[] { 0, 1 })]
    [InlineData("all", new[] { 0, 1, 2, 3, 4, 5 })]
    public void What_there_is_of_it_within_six(string text, int[] expected) => Assert.Equal(expected, Selection.Parse(text)!.Within(6));

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("-1")]
    [InlineData("1-2")]
    [InlineData("1..")]
    [InlineData("all,1")]
    [InlineData("last+1")]
    [InlineData("999999999")]
    public void What_has_no_such_form_is_no_selection(string text) => Assert.Null(Selection.Parse(text));
}
