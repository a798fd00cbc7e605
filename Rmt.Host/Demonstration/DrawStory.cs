using System.Globalization;
using Rmt.Host.Output;

namespace Rmt.Host.Demonstration;

/// <summary>A draw for people: what was hidden where, what was asked and answered, and what memory did on the way.</summary>
internal sealed class DrawStory(Terminal terminal)
{
    private const int MostRows = 16, EvenSteps = 11, ProbabilityWidth = 20, MemoryWidth = 10;

    public void Tell(Draw draw, int number, int draws)
    {
        var (count, answer) = (draw.Segments.Count, draw.Problem.Answer);
        Line($"Draw {number} of {draws}: {count:N0} segments, {draw.Tokens:N0} tokens");
        Line($"  in segment {draw.FactSegment + 1:N0}   {draw.Problem.Facts[0]}");
        Line($"  at the end     {draw.Problem.Question}");
        Line($"  the model      {draw.Answer}, which is {(draw.IsRight ? "right" : $"wrong: {answer}")}; {100 * draw.Segments[^1].Probability:F1} % for {answer}, {draw.Seconds:F2} s");
        var most = draw.Segments.Max(segment => segment.MemoryNorm);
        using var table = new TableWriter(terminal, ["segment", "", "says", $"how likely {answer}", "size of memory"], row => ((Row)row).Cells);
        var before = -1;
        foreach (var i in Shown(count, draw.FactSegment))
        {
            if (i > before + 1)
                table.Write(new Row("…"));
            var segment = draw.Segments[i];
            var what = (i == draw.FactSegment, i == count - 1) switch { (true, true) => "fact, question", (true, _) => "the fact", (_, true) => "the question", _ => "" };
            table.Write(new Row(Number(i + 1, "N0"), what, segment.Says, $"{Bar.Of(segment.Probability, ProbabilityWidth)} {Number(100 * segment.Probability, "F0"),3} %",
                $"{Bar.Of(segment.MemoryNorm / most, MemoryWidth)} {Number(segment.MemoryNorm, "F1")}"));
            before = i;
        }

        void Line(FormattableString text) => terminal.Out.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The first and the last, those around the fact, and others at even distances.</summary>
    internal static IReadOnlyCollection<int> Shown(int count, int fact)
    {
        if (count <= MostRows)
            return [.. Enumerable.Range(0, count)];
        var shown = new SortedSet<int>(new[] { fact - 1, fact, fact + 1, count - 2 }.Where(i => i >= 0 && i < count));
        for (var i = 0; i <= EvenSteps; i++)
            _ = shown.Add((int)((long)i * (count - 1) / EvenSteps));
        return shown;
    }

    private static string Number<T>(T value, string format) where T : IFormattable => value.ToString(format, CultureInfo.InvariantCulture);

    private sealed record Row(params IReadOnlyList<string> Cells) : IRecord;
}
