using System.Text.RegularExpressions;

namespace Rmt.Architecture.Tests;

/// <summary>C# without its comments and the contents of its strings, line by line as it was: what is left is code.</summary>
internal static partial class SourceText
{
    public static string CodeOnly(string source) => NotCode().Replace(source, match => NotNewLine().Replace(match.Value, " "));

    /// <summary>Where a pattern occurs, as <c>FILE:LINE: TEXT</c>.</summary>
    public static IEnumerable<string> Find(string path, string text, Regex pattern) =>
        pattern.Matches(text).Select(match => $"{path}:{text.AsSpan(0, match.Index).Count('\n') + 1}: {match.Value.Trim()}");

    [GeneratedRegex("""
        \"\"\"[\s\S]*?\"\"\" | @\"(?:\"\"|[^"])*\" | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+' | //[^\n]* | /\*[\s\S]*?\*/
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex NotCode();

    [GeneratedRegex("[^\n]")]
    private static partial Regex NotNewLine();
}
