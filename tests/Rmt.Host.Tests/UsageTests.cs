using Rmt.Host.Reading;
using Rmt.Host.Tests.Doubles;
using Rmt.Loaders;

namespace Rmt.Host.Tests;

public class UsageTests
{
    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("classify")]
    [InlineData("classify --nonsense x")]
    [InlineData("tokenize --truncate head x")]
    [InlineData("classify --batch 0 x")]
    [InlineData("classify --batch 1025 x")]
    [InlineData("classify --batch many x")]
    [InlineData("classify --threads 0 x")]
    [InlineData("classify --max-tokens 0 x")]
    [InlineData("classify --truncate head x")]
    [InlineData("classify --max-tokens 5 --truncate tail x")]
    [InlineData("classify --alignment middle x")]
    [InlineData("classify --device gpu x")]
    [InlineData("classify --device cuda:x x")]
    [InlineData("classify --dtype float64 x")]
    [InlineData("classify --encoding klingon x")]
    [InlineData("classify --encoding utf-7 x")]
    [InlineData("classify --output xml x")]
    [InlineData("classify - -")]
    [InlineData("trace")]
    [InlineData("trace a b")]
    [InlineData("trace a --attention")]
    [InlineData("trace a --layer 0")]
    [InlineData("trace a --segments 0")]
    [InlineData("trace a --svg x.svg --head first")]
    [InlineData("trace a --svg x.svg --positions 1-3")]
    [InlineData("trace a --svg x.svg --layer 0,,1")]
    [InlineData("trace a --save no-such-folder/x")]
    [InlineData("trace a --svg .")]
    [InlineData("trace a --save x.svg")]
    [InlineData("evaluate")]
    [InlineData("evaluate x")]
    [InlineData("evaluate --task guess")]
    [InlineData("evaluate --task detect --documents x.jsonl")]
    [InlineData("evaluate --task detect --encoding utf-16")]
    [InlineData("evaluate --task detect --report x.txt")]
    [InlineData("evaluate --task detect --report no-such-folder/x.md")]
    [InlineData("evaluate --documents x.jsonl --model a --model b")]
    [InlineData("evaluate --documents x.jsonl --samples 3")]
    [InlineData("evaluate --segments 3")]
    [InlineData("evaluate --task memorize --protocol both")]
    [InlineData("evaluate --task reason --withhold-pairs")]
    [InlineData("evaluate --task detect --problems x.csv")]
    [InlineData("evaluate --task detect --segments 0")]
    [InlineData("evaluate --task detect --samples 5@3")]
    [InlineData("evaluate --task detect --seed -1")]
    [InlineData("evaluate --task detect --batch 4097")]
    [InlineData("demo x")]
    [InlineData("demo --segments 0")]
    [InlineData("demo --draws 0")]
    [InlineData("demo --seed x")]
    [InlineData("inspect a b")]
    [InlineData("inspect --nonsense")]
    [InlineData("flops opt-9b")]
    [InlineData("flops --layers 2 --hidden 8")]
    [InlineData("flops --ffn 8")]
    [InlineData("flops --lengths 0")]
    [InlineData("flops --lengths 512,many")]
    [InlineData("flops --window 0")]
    [InlineData("flops --window 16 --memory-tokens 13")]
    [InlineData("flops --svg no-such-folder/f.svg")]
    [InlineData("flops --svg /dev/null")]
    [InlineData("trace a --save /dev/stdout")]
    [InlineData("serve x")]
    [InlineData("serve --retain 7")]
    [InlineData("serve --batch 0")]
    [InlineData("serve --device gpu")]
    [InlineData("serve --dtype float64")]
    [InlineData("serve --gelu quick")]
    [InlineData("classify --gelu quick x")]
    public void A_mistake_on_the_command_line_is_one_line_and_exit_code_2(string line)
    {
        using var session = new Session();
        Assert.Equal(ExitCode.Usage, session.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("", session.Out);
        Assert.StartsWith("rmt: ", session.Error, StringComparison.Ordinal);
        Assert.Contains("--help", session.Error, StringComparison.Ordinal);
        Assert.Single(session.Error.TrimEnd().Split('\n'));
        Assert.Null(session.Choice);
    }

    [Theory]
    [InlineData("classify -", "--dtype float16", "float16 is for CUDA devices")]
    [InlineData("classify -", "--gelu fast", "the fast GELU is of a CUDA device")]
    [InlineData("evaluate --task detect", "--gelu fast --dtype bfloat16", "the fast GELU is of a CUDA device")]
    [InlineData("serve", "--gelu fast", "the fast GELU is of a CUDA device")]
    [InlineData("serve", "--dtype float16", "float16 is for CUDA devices")]
    public void What_a_cpu_does_not_do_is_said_before_anything_is_read(string verb, string options, string expected)
    {
        using var session = new Session { Models = Models.OfThisBuild() };
        Assert.Equal(ExitCode.Usage, session.Run($"{verb} {options}".Split(' ')));
        Assert.Contains(expected, session.Error, StringComparison.Ordinal);
        Assert.Equal("", session.Out);
    }

    [Theory]
    [InlineData("classify", "--batch")]
    [InlineData("tokenize", "--encoding")]
    [InlineData("trace", "--save")]
    [InlineData("evaluate", "--samples")]
    [InlineData("demo", "--draws")]
    [InlineData("inspect", "--output")]
    [InlineData("flops", "--lengths")]
    [InlineData("vocabulary", "--generated")]
    public void Every_verb_has_help_with_an_example_and_its_record(string verb, string option)
    {
        using var session = new Session();
        Assert.Equal(ExitCode.Ok, session.Run(verb, "--help"));
        Assert.Contains(option, session.Out, StringComparison.Ordinal);
        Assert.Contains("Example:", session.Out, StringComparison.Ordinal);
        Assert.Contains(verb switch { "inspect" => "{\"path\",", "flops" => "{\"model\",", "evaluate" => "{\"task\",", "demo" => "{\"segments\",", _ => "{\"source\",\"error\"}" }, session.Out, StringComparison.Ordinal);
        Assert.Equal("", session.Error);
    }

    [Fact]
    public void The_list_of_verbs_is_narrow_enough_to_read()
    {
        using var session = new Session();
        Assert.Equal(ExitCode.Ok, session.Run("--help"));
        var verbs = session.Out[session.Out.IndexOf("Commands:", StringComparison.Ordinal)..].Split('\n').Skip(1).Where(line => line.Length > 0).ToArray();
        Assert.True(verbs.Length > 8);
        Assert.All(verbs, line => Assert.InRange(line.TrimStart().IndexOf("  ", StringComparison.Ordinal), 1, 30));
    }

    [Theory]
    [InlineData("classify")]
    [InlineData("tokenize")]
    [InlineData("trace")]
    [InlineData("inspect")]
    [InlineData("evaluate --task detect --model")]
    [InlineData("demo --model")]
    public void A_model_that_cannot_be_loaded_is_exit_code_3(string verb)
    {
        using var session = new Session { LoadFails = new LoadException("dir", "holds no model.\nNothing.") };
        Assert.Equal(ExitCode.ModelNotLoadable, session.Run([.. verb.Split(' '), "-"]));
        Assert.Equal("rmt: dir: holds no model. Nothing.\n", session.Error);
    }

    [Fact]
    public void Verbose_adds_the_stack()
    {
        using var session = new Session { LoadFails = new LoadException("dir", "holds no model.") };
        Assert.Equal(ExitCode.ModelNotLoadable, session.Run("classify", "-", "--verbose"));
        Assert.Contains("   at Rmt.Host.", session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_foresaw_is_exit_code_1_and_one_line()
    {
        using var session = new Session { Prepare = reader => reader.BeforeStep = () => throw new InvalidOperationException("the unforeseen\nat length"), Input = "a"u8.ToArray() };
        Assert.Equal(ExitCode.Failed, session.Run("classify", "-"));
        Assert.Equal("rmt: the unforeseen at length\n", session.Error);
        Assert.True(session.Reader!.IsDisposed);
    }
}
