using Spectre.Console;
using Spectre.Console.Rendering;

namespace Rmt.Host.Output;

/// <summary>Records as a table for people. Long answers come as several tables, so that they are seen while the work goes on.</summary>
/// <param name="terminal">Its width is the table's limit.</param>
/// <param name="columns">Their headings. The first and the last may wrap.</param>
/// <param name="cells">A record's row; that of a <see cref="FailureRecord"/> is one cell.</param>
internal sealed class TableWriter(Terminal terminal, IReadOnlyList<string> columns, Func<IRecord, IReadOnlyList<string>> cells) : IRecordWriter
{
    private const int MostRows = 50;
    private readonly List<IReadOnlyList<string>> _rows = [];

    public void Write(IRecord record)
    {
        _rows.Add(record is FailureRecord failure ? [$"{failure.Source}: {failure.Error}"] : cells(record));
        if (_rows.Count == MostRows)
            Print();
    }

    public void Dispose() => Print();

    private void Print()
    {
        if (_rows.Count == 0)
            return;
        var table = new Table { Border = TableBorder.Simple };
        for (var i = 0; i < columns.Count; i++)
            _ = table.AddColumn(new TableColumn(new Text(columns[i])) { NoWrap = i > 0 && i < columns.Count - 1 });
        foreach (var row in _rows)
            _ = table.AddRow(Enumerable.Range(0, columns.Count).Select(IRenderable (i) => new Text(i < row.Count ? row[i] : "")));
        _rows.Clear();

        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(terminal.Out),
        });
        console.Profile.Width = terminal.Width;
        console.Write(table);
        terminal.Out.Flush();
    }
}
