using Microsoft.Data.Sqlite;

namespace Rmt.Service;

/// <summary>One connection and its prepared statements. Parameters are <c>$1</c>, <c>$2</c> … in their order. Belongs to one thread at a time.</summary>
internal sealed class StoreSession : IDisposable
{
    /// <summary>How long a statement waits for another process, in milliseconds.</summary>
    public const string Patience = "pragma busy_timeout = 5000";

    private readonly Dictionary<string, SqliteCommand> _prepared = [];
    private readonly SqliteConnection _connection;

    /// <param name="path">The store's file.</param>
    /// <param name="make">Whether it is made where there is none.</param>
    public StoreSession(string path, bool make = false)
    {
        var mode = make ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, ForeignKeys = true }.ToString());
        _connection.Open();
        // SQLite's own waiting looks every few milliseconds; the provider's, in turn, sleeps.
        _ = Run(Patience);
    }

    /// <summary>Whether a transaction is open: some errors end it by themselves.</summary>
    public bool InTransaction => SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    /// <summary>Rows changed.</summary>
    public int Run(string sql, params ReadOnlySpan<object?> values) => Command(sql, values).ExecuteNonQuery();

    /// <summary>Several statements without parameters, not kept.</summary>
    public void Script(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteNonQuery();
    }

    /// <summary>The rows.</summary>
    public List<T> All<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        using var reader = Command(sql, values).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    /// <summary>The first row, or nothing.</summary>
    public T? First<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        using var reader = Command(sql, values).ExecuteReader();
        return reader.Read() ? read(reader) : default;
    }

    /// <summary>One number.</summary>
    public long Number(string sql, params ReadOnlySpan<object?> values) => First(sql, row => row.GetInt64(0), values);

    private SqliteCommand Command(string sql, ReadOnlySpan<object?> values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 1; i <= values.Length; i++)
                _ = command.Parameters.AddWithValue($"${i}", DBNull.Value);
            _prepared.Add(sql, command);
        }
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].ResetSqliteType();
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
        return command;
    }

    public void Dispose()
    {
        foreach (var command in _prepared.Values)
            command.Dispose();
        _connection.Dispose();
    }
}
