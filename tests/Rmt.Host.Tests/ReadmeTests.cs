using System.CommandLine;
using System.Text.RegularExpressions;
using Rmt.Host.Reading;
using Rmt.Testing;

namespace Rmt.Host.Tests;

/// <summary>What the READMEs tell a reader to type or to open is there.</summary>
public partial class ReadmeTests
{
    private static readonly string[] OfTheLauncher = ["test", "bench"];

    /// <summary>Commands that the program would refuse.</summary>
    private static IEnumerable<string> WrongCommands(string markdown)
    {
        using var terminal = new Terminal { Out = TextWriter.Null, Error = TextWriter.Null, OpenInput = () => Stream.Null };
        var root = CommandLine.Create(terminal, Models.OfThisBuild(), CancellationToken.None);
        return Command().Matches(markdown).Select(match => match.Groups["args"].Value.Trim())
            .Where(args => args.Split(' ') is not [var verb, ..] || !OfTheLauncher.Contains(verb))
            .Where(args => root.Parse(args).Errors.Count > 0);
    }

    private static IEnumerable<string> BrokenLinks(string folder, string markdown) => Link().Matches(markdown)
        .Select(match => match.Groups["target"].Value)
        .Where(target => !target.Contains("://", StringComparison.Ordinal) && !Path.Exists(Path.Combine(Repository.Root, folder, target)));

    [Fact]
    public void Every_command_and_every_link_in_a_README_is_right()
    {
        foreach (var path in Repository.Files(".md"))
        {
            Assert.Equal([], WrongCommands(Repository.Read(path)));
            Assert.Equal([], BrokenLinks(Path.GetDirectoryName(path)!, Repository.Read(path)));
        }
    }

    [Fact]
    public void A_wrong_command_and_a_broken_link_would_be_found()
    {
        const string Markdown = """
            `./rmt test` then `./rmt nonsense x`, [a](no-such-file.md) and [b](README.md#part)
            ```sh
            ./rmt classify --model DIR FILE… | head   # fine
            ./rmt classify --colour red FILE
            ```
            """;
        Assert.Equal(["nonsense x", "classify --colour red FILE"], WrongCommands(Markdown));
        Assert.Contains("no-such-file.md", BrokenLinks("", Markdown));
    }

    [GeneratedRegex(@"\./rmt (?<args>[^`|>#&;\n]+)")]
    private static partial Regex Command();

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)[^)]*\)")]
    private static partial Regex Link();
}
