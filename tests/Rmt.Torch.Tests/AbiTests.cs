using System.Diagnostics;
using System.Text.RegularExpressions;
using Rmt.Testing;
using static System.StringComparison;

namespace Rmt.Torch.Tests;

/// <summary>rmt_torch.h, NativeMethods.cs, Codes.cs and the built library say the same.</summary>
public sealed partial class AbiTests
{
    [GeneratedRegex(@"RMT_API\s+[\w\s\*]*?\b(rmt_\w+)\((.*?)\);", RegexOptions.Singleline)]
    private static partial Regex HeaderFunction();

    [GeneratedRegex(@"static partial \w+ (rmt_\w+)\((.*?)\);", RegexOptions.Singleline)]
    private static partial Regex ManagedFunction();

    [GeneratedRegex(@"#define RMT_(\w+)\(X\)((?:.*\\\n)*.*)")]
    private static partial Regex HeaderList();

    [GeneratedRegex(@"enum (\w+)(?: : long)?\s*\{(.*?)\}", RegexOptions.Singleline)]
    private static partial Regex ManagedEnum();

    [GeneratedRegex(@"X\((\w+)\)")]
    private static partial Regex Entry();

    // A parameter that is a function pointer has brackets and commas of its own.
    [GeneratedRegex(@"\([^()]*\)|<[^<>]*>")]
    private static partial Regex Inner();

    private static string Header() => File.ReadAllText(SourceTree.Path("Rmt.Torch", "native", "rmt_torch.h"));

    private static string Interop(string file) => File.ReadAllText(SourceTree.Path("Rmt.Torch", "Interop", file));

    private static List<(string Name, int Parameters)> Functions(Regex declaration, string text) =>
        [.. declaration.Matches(text).Select(match => (match.Groups[1].Value, Count(match.Groups[2].Value)))];

    private static int Count(string parameters)
    {
        var plain = Inner().Replace(parameters, "").Trim();
        return plain is "" or "void" ? 0 : plain.Count(c => c == ',') + 1;
    }

    [Fact]
    public void Header_and_managed_declarations_list_the_same_functions_in_the_same_order_with_as_many_parameters()
    {
        var native = Functions(HeaderFunction(), Header());
        Assert.Equal(Regex.Count(Header(), @"^RMT_API", RegexOptions.Multiline), native.Count);
        Assert.True(native.Count > 100);
        Assert.Equal(native, Functions(ManagedFunction(), Interop("NativeMethods.cs")));
    }

    [Fact]
    public void Every_list_of_the_header_is_an_enum_with_the_same_names_in_the_same_order()
    {
        var enums = ManagedEnum().Matches(Interop("Codes.cs"))
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        var lists = HeaderList().Matches(Header());
        Assert.Equal(enums.Count, lists.Count);
        foreach (Match list in lists)
        {
            var key = list.Groups[1].Value switch
            {
                "SCALAR" => "ScalarTag",
                "INDEX" => "IndexKind",
                "ERROR" => "ErrorCode",
                var other => other[..1] + other[1..].ToLowerInvariant(),
            };
            Assert.Equal(Entry().Matches(list.Groups[2].Value).Select(entry => entry.Groups[1].Value), enums[key]);
        }
    }

    [Fact]
    public void The_library_exports_the_functions_of_the_header_and_nothing_else_of_ours()
    {
        var library = Path.Combine(AppContext.BaseDirectory, "librmt_torch.so");
        var expected = Functions(HeaderFunction(), Header()).Select(function => function.Name).Order(StringComparer.Ordinal);
        Assert.Equal(expected, Exported(library).Where(name => name.StartsWith("rmt", Ordinal)).Order(StringComparer.Ordinal));
    }

    private static List<string> Exported(string library)
    {
        using var nm = Process.Start(new ProcessStartInfo("nm", ["--dynamic", "--defined-only", "--format=posix", library]) { RedirectStandardOutput = true })!;
        var lines = nm.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        nm.WaitForExit();
        return [.. lines.Select(line => line.Split(' ')[0])];
    }
}
