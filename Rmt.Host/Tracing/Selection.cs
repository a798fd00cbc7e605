using System.Globalization;
using System.Text.RegularExpressions;

namespace Rmt.Host.Tracing;

/// <summary>Some of the numbers 0 … n − 1, before n is known: <c>0,4..6,last-1..last</c> or <c>all</c>. Both ends of a range are included.</summary>
internal sealed partial class Selection
{
    private readonly string _text;

    private Selection(string text) => _text = text;

    public static Selection? Parse(string text) => Form().IsMatch(text) ? new(text) : null;

    public override string ToString() => _text;

    /// <summary>The numbers in ascending order, each once.</summary>
    /// <param name="count">n.</param>
    /// <param name="option">For the message.</param>
    /// <param name="what">What is counted, in the plural.</param>
    /// <exception cref="UsageException">A number is not among them, or a range is the wrong way round.</exception>
    public IReadOnlyList<int> Of(int count, string option, string what)
    {
        if (_text == "all")
            return [.. Enumerable.Range(0, count)];
        var chosen = new SortedSet<int>();
        foreach (var part in _text.Split(','))
        {
            var ends = part.Split("..").Select(end => Number(end, count)).ToArray();
            if (ends[0] < 0 || ends[^1] >= count || ends[0] > ends[^1])
                throw new UsageException($"{option} {_text}: there are {count} {what}, 0 to {count - 1}; '{part}' is not among them.");
            chosen.UnionWith(Enumerable.Range(ends[0], ends[^1] - ends[0] + 1));
        }
        return [.. chosen];
    }

    /// <summary>Those of the numbers that are there, without a complaint about the others.</summary>
    public IReadOnlyList<int> Within(int count) => _text == "all" ? Of(count, "", "") : [.. Enumerable.Range(0, count).Where(number => _text.Split(',').Any(part =>
        part.Split("..") is var ends && number >= Number(ends[0], count) && number <= Number(ends[^1], count)))];

    private static int Number(string text, int count) =>
        text.StartsWith("last", StringComparison.Ordinal) ? count - 1 - (text.Length > 5 ? Digits(text.AsSpan(5)) : 0) : Digits(text);

    private static int Digits(ReadOnlySpan<char> text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private const string End = "([0-9]{1,8}|last(-[0-9]{1,8})?)", Part = $"{End}([.][.]{End})?";

    [GeneratedRegex($@"\A(all|{Part}(,{Part})*)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
