using System.Text.RegularExpressions;
using Rmt.Testing;

namespace Rmt.Architecture.Tests;

/// <summary>What the house does not use, where, and instead of it what. Each rule is shown to fail on a sample.</summary>
public class BannedTests
{
    private sealed record Rule(string Pattern, Func<string, bool> Applies, string Instead, string Sample, bool CodeOnly = true);

    private static bool IsProduct(string path) => !path.StartsWith("tests/", StringComparison.Ordinal) && !path.StartsWith("bench/", StringComparison.Ordinal);

    private static bool IsSource(string path) => path.EndsWith(".cs", StringComparison.Ordinal);

    private static bool IsProductSource(string path) => IsSource(path) && IsProduct(path);

    private static readonly Dictionary<string, Rule> Rules = new()
    {
        ["local time"] = new(@"\bDateTime\.(Now|UtcNow|Today)\b", IsProductSource, "TimeProvider", "var t = DateTime.Now;"),
        ["hidden seeds"] = new(@"\bRandom\.Shared\b|new Random\(\)", IsSource, "a seeded generator that is handed in", "Random.Shared.Next()"),
        ["forced collection"] = new(@"\bGC\.Collect\b", IsProductSource, "dispose scopes", "GC.Collect();"),
        ["blocking on a task"] = new(@"\.Result\b(?!\s*[\(=])|\.Wait\(", IsProductSource, "await", "var x = task.Result;"),
        ["console"] = new(@"(?<![\w.])(System\.)?Console\.", path => IsProductSource(path) && path != "Rmt.Host/Terminal.cs", "Terminal, which tests replace", "Console.WriteLine(1);"),
        ["pragmas"] = new(@"#pragma\s+warning", IsSource, ".editorconfig, with a reason", "#pragma warning disable CA1000"),
        ["invariant globalization"] = new("InvariantGlobalization", path => !IsSource(path) && !IsProse(path), "ICU, for encodings and case", "<InvariantGlobalization>true"),
        ["empty names"] = new(@"\b(class|record|struct|interface)\s+\w*(Helper|Manager|Utils?|Processor)s?\b", path => IsSource(path) && !path.StartsWith("Rmt.Torch/", StringComparison.Ordinal), "the name of what it is", "static class FileHelper"),
        ["native code"] = new(@"\bunsafe\b|\bLibraryImport\b|\bDllImport\b|\bfixed\s*\(", path => IsSource(path) && !path.StartsWith("Rmt.Torch/", StringComparison.Ordinal), "Rmt.Torch", "fixed (byte* p = bytes)"),
        ["unsafe blocks"] = new("AllowUnsafeBlocks", path => !IsSource(path) && !IsProse(path) && path != "Rmt.Torch/Rmt.Torch.csproj", "Rmt.Torch", "<AllowUnsafeBlocks>true"),
        ["notes to oneself"] = new(@"\b(TODO|FIXME|XXX)\b", path => !IsThis(path), "an issue", "// TODO later", CodeOnly: false),
        ["paths of one machine"] = new(@"(?<![\w.~])/(work|root|home/\w+|Users/\w+)/\w|[A-Z]:\\Users", path => !IsThis(path), "paths from the repository's top", "open('/home/me/x')", CodeOnly: false),
    };

    public static TheoryData<string> Names => [.. Rules.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Is_found_nowhere(string name)
    {
        var rule = Rules[name];
        var found = TextFiles().Where(rule.Applies).SelectMany(path => Violations(rule, path, Repository.Read(path))).ToList();
        Assert.True(found.Count == 0, $"{name}: use {rule.Instead}.\n{string.Join('\n', found)}");
    }

    [Theory, MemberData(nameof(Names))]
    public void Would_be_found(string name)
    {
        var rule = Rules[name];
        Assert.Equal([$"Sample.cs:2: {Regex.Match(rule.Sample, rule.Pattern).Value}"], Violations(rule, "Sample.cs", $"\n{rule.Sample}\n"));
    }

    [Fact]
    public void Comments_and_strings_are_no_code()
    {
        const string Source = "a(\"unsafe\"); // unsafe\n/* unsafe\n */ b('\"'); c(@\"\"\"unsafe\"); d(\"\"\"\n \"unsafe\n\"\"\"); unsafe";
        Assert.Equal(["x.cs:5: unsafe"], Violations(Rules["native code"], "x.cs", Source));
    }

    [Fact]
    public void Only_the_port_of_a_backbone_knows_the_adapter()
    {
        var using_ = new Regex(@"\bRmt\.Adapter\b");
        var found = Repository.Files(".cs").Where(path => ReferenceTests.Backbones.Contains(path.Split('/')[0]) && !path.EndsWith("Backbone.cs", StringComparison.Ordinal))
            .SelectMany(path => SourceText.Find(path, SourceText.CodeOnly(Repository.Read(path)), using_));
        Assert.Empty(found);
    }

    // This file holds what it looks for.
    private static bool IsThis(string path) => path.EndsWith("/BannedTests.cs", StringComparison.Ordinal);

    private static bool IsProse(string path) => path.EndsWith(".md", StringComparison.Ordinal);

    private static IEnumerable<string> TextFiles() =>
        Repository.Files(".cs", ".csproj", ".props", ".targets", ".md", ".cpp", ".h", ".txt", ".cmake", ".py", "").Where(path => !path.EndsWith("LICENSE", StringComparison.Ordinal));

    private static IEnumerable<string> Violations(Rule rule, string path, string text) =>
        SourceText.Find(path, rule.CodeOnly && IsSource(path) ? SourceText.CodeOnly(text) : text, new Regex(rule.Pattern));
}
