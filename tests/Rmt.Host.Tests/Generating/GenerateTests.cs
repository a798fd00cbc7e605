using Rmt.Adapter;
using Rmt.Host.Tests.Doubles;
using Rmt.Loaders;
using Rmt.Testing;
using TorchSharp;

namespace Rmt.Host.Tests.Generating;

/// <summary>A small random GPT-2 with memory, in a folder, gone on with by the program.</summary>
public sealed class GenerateTests : IDisposable
{
    private const string Text = "We the people of the United States, in order to form a more perfect union, establish justice, insure domestic tranquility";

    private static readonly string[] Drawn = ["--temperature", "0.9", "--top-k", "60", "--top-p", "0.95", "--seed", "3", "--threads", "1"];

    private readonly TempFolder _folder = new();
    private readonly string _model;

    public GenerateTests()
    {
        var origin = ModelFolder.Open(Shared.Path("golden", "backbones", "gpt2"));
        _ = torch.manual_seed(1);
        using var model = LanguageCheckpoint.Begin(origin, memoryTokens: 4, window: 24);
        LanguageCheckpoint.Save(_model = _folder["model"], model, origin, LanguageCheckpoint.Settings(model), backboneTrained: true);
    }

    public void Dispose() => _folder.Dispose();

    private string[] Args(params string[] more) => ["generate", "--model", _model, .. Drawn, .. more];

    private static string Ran(Session session, params string[] args)
    {
        Assert.True(session.Run(args) == ExitCode.Ok, session.Error);
        return session.Out;
    }

    [Fact]
    public void What_follows_is_that_of_the_library_wherever_the_text_comes_from()
    {
        string expected;
        using (var model = LanguageCheckpoint.Load(_model, new HubCache("none")))
            expected = string.Concat(model.Generate(Text, new() { MaxTokens = 70, Temperature = 0.9, TopK = 60, TopP = 0.95, Seed = 3 }, TestContext.Current.CancellationToken));
        var file = _folder.Write("text.txt", Text);
        var lines = _folder.Write("text.jsonl", $"{{\"id\":\"a\",\"text\":\"{Text}\"}}\n");
        foreach (var (source, args) in new[] { ("--text", ["--text", Text]), (file, [file]), (lines, [lines]), ("-", new[] { "-" }) })
        {
            using var session = Session.WithInput(Text);
            _ = Ran(session, Args([.. args, "--max-tokens", "70"]));
            var record = Assert.Single(session.Records);
            Assert.Equal(["source", "text", "tokens_read", "segments", "new_tokens", "seconds"], record.EnumerateObject().Select(member => member.Name));
            Assert.Equal((source, expected, 70), (record.GetProperty("source").GetString(), record.GetProperty("text").GetString(), record.GetProperty("new_tokens").GetInt32()));
            var (read, segments) = (record.GetProperty("tokens_read").GetInt32(), record.GetProperty("segments").GetInt32());
            Assert.Equal((read + 70 + 15) / 16, segments);
        }
    }

    [Fact]
    public void On_a_terminal_the_text_comes_as_it_is_made_and_given_back_it_goes_on()
    {
        var flushes = 0;
        using var whole = new Session { OnTerminal = true, OnRecord = () => flushes++ };
        var text = Ran(whole, Args("--text", Text, "--max-tokens", "40"));
        Assert.InRange(flushes, 20, 45);        // some tokens end within a character
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        using var again = new Session();
        _ = Ran(again, Args("--text", Text, "--max-tokens", "40", "--output", "jsonl"));
        Assert.Equal(text[..^1], Assert.Single(again.Records).GetProperty("text").GetString());
    }

    [Fact]
    public void After_cancellation_what_was_made_is_given_out()
    {
        foreach (var output in new[] { "text", "jsonl" })
        {
            Session session = null!;
            var flushes = 0;
            session = new Session { OnRecord = () => { if (++flushes == 5) session.Cancellation.Cancel(); } };
            using (session)
            {
                if (output == "jsonl") session.Cancellation.CancelAfter(TimeSpan.FromMilliseconds(300));
                Assert.Equal(ExitCode.Cancelled, session.Run(Args("--text", Text, "--max-tokens", "1000000", "--output", output)));
                Assert.StartsWith("rmt: cancelled", session.Error, StringComparison.Ordinal);
                if (output == "text") Assert.Equal(6, flushes);
                else Assert.True(session.Out.Length == 0 || session.Records.Count == 1);       // nothing, where loading took so long
            }
        }
    }

    [Fact]
    public void A_stop_token_ends_the_text()
    {
        using var whole = new Session();
        _ = Ran(whole, Args("--text", Text, "--max-tokens", "60"));
        var text = Assert.Single(whole.Records).GetProperty("text").GetString()!;
        var words = PretrainedTokenizer.Load(_model);
        var stop = ((ITokenizer)words).Encode(text).Select(words.Token).First(token => char.IsAsciiLetter(token[0]));
        using var session = new Session();
        _ = Ran(session, Args("--text", Text, "--max-tokens", "60", "--stop", stop));
        var cut = Assert.Single(session.Records).GetProperty("text").GetString()!;
        Assert.StartsWith(cut, text, StringComparison.Ordinal);
        Assert.True(cut.Length < text.Length);
    }

    [Fact]
    public void Mistakes_are_told_in_a_line_with_what_is_possible()
    {
        var classifier = Shared.Path("models", "minilm-rmt-reviews");
        foreach (var (code, words, args) in new (int, string, string[])[]
                 {
                     (ExitCode.Usage, "not both", ["generate", "--model", _model]),
                     (ExitCode.Usage, "not both", ["generate", "--model", _model, "--text", "a", "-"]),
                     (ExitCode.Usage, "--model", ["generate", "--text", "a"]),
                     (ExitCode.Usage, "--top-k does nothing without --temperature", ["generate", "--model", _model, "--text", "a", "--top-k", "3"]),
                     (ExitCode.Usage, "--top-p must be above 0", ["generate", "--model", _model, "--text", "a", "--temperature", "1", "--top-p", "1.5"]),
                     (ExitCode.Usage, "--temperature must be from 0 to 100", ["generate", "--model", _model, "--text", "a", "--temperature", "-1"]),
                     (ExitCode.Usage, "--max-tokens must be from 1", Args("--text", "a", "--max-tokens", "0")),
                     (ExitCode.Usage, "--stop takes one token", Args("--text", "a", "--stop", "not one of them")),
                     (ExitCode.Usage, "the text is empty", Args("--text", "")),
                     (ExitCode.ModelNotLoadable, "task_type is SEQ_CLS: a classifier, which labels documents (rmt classify)", ["generate", "--model", classifier, "--text", "a"]),
                     (ExitCode.ModelNotLoadable, "plain model", ["generate", "--model", Shared.Path("golden", "backbones", "gpt2"), "--text", "a"]),
                 })
        {
            using var session = new Session();
            Assert.Equal(code, session.Run(args));
            Assert.Contains(words, session.Error, StringComparison.Ordinal);
            Assert.Single(session.Error.TrimEnd().Split('\n'));
        }
        using var missing = new Session();
        Assert.Equal(ExitCode.InputUnreadable, missing.Run(Args(_folder["nowhere.txt"])));
        Assert.Equal("no such file or folder", Assert.Single(missing.Records).GetProperty("error").GetString());
    }

    [Fact]
    public void A_language_model_is_no_classifier()
    {
        using var session = new Session { Models = new Rmt.Host.Reading.Models("no-such-folder") };
        Assert.Equal(ExitCode.ModelNotLoadable, session.Run("classify", "--model", _model, _folder.Write("a.txt", "a")));
        Assert.Contains("task_type is CAUSAL_LM: a language model, which goes on with a text (rmt generate)", session.Error, StringComparison.Ordinal);
    }
}
