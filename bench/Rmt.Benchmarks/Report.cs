using System.Globalization;
using System.Text.Json;

namespace Rmt.Benchmarks;

/// <summary>Records: as JSON lines on stdout the moment they are known, as a table on stderr at the end of each benchmark.</summary>
/// <param name="benchmark">Whose records.</param>
/// <param name="records">Instead of stdout.</param>
/// <param name="remarks">Instead of stderr.</param>
internal sealed class Report(string benchmark, TextWriter? records = null, TextWriter? remarks = null)
{
    private readonly TextWriter records = records ?? Console.Out, remarks = remarks ?? Console.Error;
    private readonly List<(string Name, object? Value)[]> rows = [];

    /// <summary>One record.</summary>
    public void Add(params (string Name, object? Value)[] columns)
    {
        var record = columns.Prepend(("benchmark", benchmark)).ToDictionary(column => column.Item1, column => Rounded(column.Item2));
        records.WriteLine(JsonSerializer.Serialize(record));
        records.Flush();
        rows.Add(columns);
    }

    /// <summary>A remark for whoever watches.</summary>
    public void Say(string text) => remarks.WriteLine($"{benchmark}: {text}");

    /// <summary>What was added; records of other columns are a table of their own.</summary>
    public void Table()
    {
        foreach (var alike in rows.GroupBy(row => string.Join(' ', row.Select(column => column.Name))))
            Table([.. alike]);
    }

    private void Table(IReadOnlyList<(string Name, object? Value)[]> rows)
    {
        var cells = rows.Select(row => row.Select(column => Cell(column.Value)).ToArray()).Prepend([.. rows[0].Select(column => column.Name)]).ToArray();
        var widths = Enumerable.Range(0, cells[0].Length).Select(i => cells.Max(row => row[i].Length)).ToArray();
        remarks.WriteLine($"\n{benchmark}");
        foreach (var row in cells)
            remarks.WriteLine("  " + string.Join("  ", row.Select((cell, i) => cell.PadLeft(widths[i]))));
        remarks.WriteLine();
    }

    // Four digits are more than a shared machine repeats; differences and checksums stay as they are where they are smaller.
    private static object? Rounded(object? value) => value is double number && double.IsFinite(number) && Math.Abs(number) >= 0.01 ? Math.Round(number, 4) : value;

    private static string Cell(object? value) => value switch
    {
        null => "–",
        double number => number.ToString(Math.Abs(number) is < 0.01 and > 0 ? "0.0e0" : Math.Abs(number) < 100 ? "0.000" : "0.0", CultureInfo.InvariantCulture),
        bool yes => yes ? "yes" : "no",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "–",
    };
}
