using Rmt.Host.Reading;
using Rmt.Host.Tests.Doubles;
using Rmt.Testing;
using static TorchSharp.torch;

namespace Rmt.Host.Tests;

public sealed class EmbeddedModelTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Saved(string training = """{"task":"detect","segments":7}""")
    {
        TaskModels.Save(_folder["default", "x"][..^2], training).Dispose();
        return _folder["default"];
    }

    [Fact]
    public void Weights_in_bfloat16_become_the_same_numbers_in_float32()
    {
        using var saved = TaskModels.Save(_folder["default", "x"][..^2]);
        using var loaded = new Models(_folder["default"]).LoadClassifier(new(null, "cpu", "float32", 1, null, 1));
        foreach (var ((name, kept), (_, read)) in saved.Model.named_parameters().Zip(loaded.Model.named_parameters()))
        {
            Assert.Equal((ScalarType.BFloat16, ScalarType.Float32), (kept.dtype, read.dtype));
            Near.Equal(kept, read, 0, name);
        }
    }

    [Fact]
    public void A_model_that_cannot_be_read_with_is_freed()
    {
        var models = new Models(Saved());
        Leaks.None(() => Assert.Throws<ArgumentOutOfRangeException>(() => models.LoadReader(new(null, "cpu", "float32", 1, null, Batch: 0))));
    }

    [Theory]
    [InlineData("classify -")]
    [InlineData("tokenize -")]
    [InlineData("trace -")]
    [InlineData("inspect")]
    [InlineData("demo --segments 2 --draws 2")]
    [InlineData("evaluate --task detect --segments 1 --samples 2")]
    public void It_is_taken_where_no_model_is_named(string line)
    {
        using var session = new Session { Models = new Models(Saved()), Input = "Mary went to the garden. Where is Mary?"u8.ToArray() };
        Assert.Equal(ExitCode.Ok, session.Run(line.Split(' ')));
        Assert.NotEmpty(session.Records);
        Assert.DoesNotContain("answers", session.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("classify -")]
    [InlineData("tokenize -")]
    [InlineData("trace -")]
    [InlineData("inspect")]
    [InlineData("demo")]
    [InlineData("evaluate --task detect")]
    public void A_build_without_it_says_how_to_name_one(string line)
    {
        using var session = new Session { Models = new Models(_folder["none"]) };
        Assert.Equal(ExitCode.ModelNotLoadable, session.Run(line.Split(' ')));
        Assert.Equal("rmt: no model: none is named and this build embeds none; name a folder or a hub id with --model DIR|HUB-ID.\n", session.Error);
    }

    [Theory]
    [InlineData("Mary went to the garden. Where is Mary?", null)]
    [InlineData("Mary went to the garden.\nWhere is Sandra?\n", null)]
    [InlineData("", "rmt: the embedded model answers \"Where is Mary?\" at the end of a text that says where people went; this text asks nothing of the kind. Try: echo 'Mary moved to the bathroom. Where is Mary?' | rmt classify -\n")]
    [InlineData("Where is Mary? Mary went to the garden.", "rmt: the embedded model answers")]
    public void A_text_without_a_question_is_classified_and_told_of_one(string text, string? told)
    {
        using var session = new Session { Models = new Models(Saved()), Input = System.Text.Encoding.UTF8.GetBytes(text) };
        Assert.Equal(ExitCode.Ok, session.Run("classify", "-"));
        Assert.True(session.Records[0].TryGetProperty("label", out _));
        if (told is null)
            Assert.Equal("", session.Error);
        else
            Assert.StartsWith(told, session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_told_once_a_run_and_names_text_and_model()
    {
        using var session = new Session { Models = new Models(_folder["none"]) };
        var (one, two) = (_folder.Write("one.txt", "the garden"), _folder.Write("two.txt", "the office"));
        Assert.Equal(ExitCode.Ok, session.Run("classify", "--model", Saved(), one, two));
        Assert.StartsWith($"rmt: {_folder["default"]} answers \"Where is Mary?\"", session.Error, StringComparison.Ordinal);
        Assert.Contains($"; {one} asks nothing of the kind.", session.Error, StringComparison.Ordinal);
        Assert.Single(session.Error.TrimEnd().Split('\n'));
        Assert.Equal(2, session.Records.Count);
    }

    [Theory]
    [InlineData("""{"task":"reviews"}""")]
    [InlineData("""{"epochs":8}""")]
    [InlineData("[1]")]
    public void A_model_that_was_made_for_something_else_says_nothing(string training)
    {
        using var session = Session.WithInput("a film");
        using var other = new Session { Models = new Models(Saved(training)), Input = session.Input };
        Assert.Equal(ExitCode.Ok, other.Run("classify", "-"));
        Assert.Equal("", other.Error);
    }
}
