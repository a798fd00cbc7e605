using System.Globalization;
using Rmt.Adapter;

namespace Rmt.Host.Evaluation;

/// <summary>How often models trained on some numbers of segments are right on others: figure 5 of the paper.</summary>
internal sealed class SegmentMatrix
{
    private readonly Dictionary<(int Trained, int Evaluated), Proportion> _cells = [];

    /// <summary>Rows, in ascending order.</summary>
    public IReadOnlyList<int> Trained => [.. _cells.Keys.Select(cell => cell.Trained).Distinct().Order()];

    /// <summary>Columns, in ascending order.</summary>
    public IReadOnlyList<int> Evaluated => [.. _cells.Keys.Select(cell => cell.Evaluated).Distinct().Order()];

    /// <summary>Accuracy of the model trained on so many segments, on documents of so many; null where it was not measured.</summary>
    public Proportion? this[int trained, int evaluated]
    {
        get => _cells.TryGetValue((trained, evaluated), out var cell) ? cell : null;
        set => _cells[(trained, evaluated)] = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>A table of percents as the paper's, with a row a model.</summary>
    public void WriteMarkdown(TextWriter output)
    {
        Line(["trained on", .. Evaluated.Select(count => count.ToString(CultureInfo.InvariantCulture))]);
        Line(["---", .. Evaluated.Select(_ => "---:")]);
        foreach (var trained in Trained)
            Line([trained.ToString(CultureInfo.InvariantCulture), .. Evaluated.Select(evaluated => this[trained, evaluated] is { } cell ? Percent(cell.Value) : "")]);

        void Line(IEnumerable<string> cells) => output.Write($"| {string.Join(" | ", cells)} |\n");
    }

    /// <summary>A line a measurement, with the interval that holds it at 95 %.</summary>
    public void WriteCsv(TextWriter output)
    {
        output.Write("trained_segments,evaluated_segments,hits,samples,accuracy,low,high\n");
        foreach (var ((trained, evaluated), cell) in _cells.OrderBy(cell => cell.Key))
        {
            var (low, high) = cell.Interval();
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{trained},{evaluated},{cell.Hits},{cell.Trials},{cell.Value:0.######},{low:0.######},{high:0.######}\n"));
        }
    }

    /// <summary>100, 99.9, 17.6: of a hundred, to a tenth; never 100 where one was wrong.</summary>
    public static string Percent(double share) => (share < 1 ? Math.Min(99.9, Math.Round(100 * share, 1)) : 100).ToString("0.#", CultureInfo.InvariantCulture);
}
