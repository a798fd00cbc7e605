using System.Globalization;

namespace Rmt.Host.Evaluation;

/// <summary>How many samples are read at a length: <c>1000</c>, or <c>1000,128@256</c>, which are 128 from 256 segments on.</summary>
internal sealed class SampleCounts
{
    public const int Most = 1_000_000;

    private readonly SortedList<int, int> _from;

    private SampleCounts(SortedList<int, int> from) => _from = from;

    /// <summary>Null where the text is none of it, says nothing of the shortest lengths or of one length twice.</summary>
    public static SampleCounts? Parse(string text)
    {
        var from = new SortedList<int, int>();
        foreach (var part in text.Split(','))
        {
            var (count, at) = part.Split('@') switch { [var all] => (all, "1"), [var some, var segments] => (some, segments), _ => ("", "") };
            if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var samples) || samples is < 1 or > Most
                || SegmentCounts.Number(at) is not { } begin || !from.TryAdd(begin, samples))
                return null;
        }
        return from.ContainsKey(1) ? new(from) : null;
    }

    /// <summary>At so many segments.</summary>
    public int this[int segments] => _from.Last(entry => entry.Key <= segments).Value;
}
