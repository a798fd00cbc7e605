using System.Globalization;

namespace Rmt.Host.Evaluation;

/// <summary>Numbers of segments as an option writes them: <c>1..7,16,1024</c>. Both ends of a range are included.</summary>
internal static class SegmentCounts
{
    public const int Most = 100_000;

    /// <summary>The numbers in ascending order, each once; null where the text is none of it.</summary>
    public static IReadOnlyList<int>? Parse(string text)
    {
        var counts = new SortedSet<int>();
        foreach (var part in text.Split(','))
        {
            var ends = part.Split("..");
            if (ends.Length > 2 || Number(ends[0]) is not { } first || Number(ends[^1]) is not { } last || first > last)
                return null;
            counts.UnionWith(Enumerable.Range(first, last - first + 1));
        }
        return [.. counts];
    }

    /// <summary>A number of segments, 1 to <see cref="Most"/>.</summary>
    public static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= Most ? number : null;
}
