using Rmt.Host.Tests.Doubles;

namespace Rmt.Host.Tests;

public class TokenizeTests
{
    [Fact]
    public void A_record_holds_ids_and_tokens_special_ones_of_the_text_included()
    {
        using var session = Session.WithInput("one [SEP] three");
        Assert.Equal(ExitCode.Ok, session.Run("tokenize", "-"));
        Assert.Equal("{\"source\":\"-\",\"ids\":[13,2,15],\"tokens\":[\"w3\",\"[SEP]\",\"w5\"]}\n", session.Out);
    }

    [Fact]
    public void An_empty_document_has_no_tokens()
    {
        using var session = Session.WithInput("");
        Assert.Equal(ExitCode.Ok, session.Run("tokenize", "-"));
        Assert.Equal("{\"source\":\"-\",\"ids\":[],\"tokens\":[]}\n", session.Out);
    }

    [Fact]
    public void A_document_longer_than_any_buffer_is_cut_nowhere()
    {
        using var session = Session.WithInput(string.Join(' ', Enumerable.Range(0, 50_000).Select(i => new string('x', 1 + i % 9))));
        Assert.Equal(ExitCode.Ok, session.Run("tokenize", "-"));
        Assert.Equal(Enumerable.Range(0, 50_000).Select(i => 11 + i % 9), session.Records[0].GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()));
    }

    [Fact]
    public void An_unreadable_document_fails_alone()
    {
        using var session = Session.WithInput("a");
        Assert.Equal(ExitCode.InputUnreadable, session.Run("tokenize", "/no/such", "-"));
        Assert.Equal(2, session.Records.Count);
        Assert.Equal("no such file or folder", session.Records[0].GetProperty("error").GetString());
    }
}
