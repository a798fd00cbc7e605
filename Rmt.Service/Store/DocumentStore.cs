using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Rmt.Service;

/// <summary>Documents, what was read of them and who reads them, in one SQLite file that several processes of a machine share. What was accepted or committed
/// survives the end of any process, and of the machine.</summary>
/// <remarks>One connection writes, under a lock; others read beside it. All times are the store's own: <see cref="StoreClock"/>.</remarks>
internal sealed partial class DocumentStore : IDisposable
{
    private readonly StoreOptions _options;
    private readonly TimeProvider _time;
    private readonly StoreSession _writer;
    private readonly Lock _writing = new();
    private readonly ConcurrentBag<StoreSession> _readers = [];
    private readonly StoreClock _clock;
    private volatile bool _isErasedInLog;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DocumentStore(StoreOptions options, TimeProvider time, StoreSession writer)
    {
        (_options, _time, _writer, _clock) = (options, time, writer, new(time));
        _owner = NewOwner();
    }

    /// <summary>Opens a store, makes it where there is none, and brings an older one to this version.</summary>
    /// <exception cref="StoreException">It is locked, of a newer version, or no store.</exception>
    public static DocumentStore Open(StoreOptions options, TimeProvider time)
    {
        StoreSession? writer = null;
        try
        {
            writer = new StoreSession(options.Path, make: true);
            Prepare(writer, options);
            var store = new DocumentStore(options, time, writer);
            store.Register();
            return store;
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException or StoreException or StoreUnavailableException)
        {
            writer?.Dispose();
            throw error as StoreException ?? new StoreException(Why(options.Path, error));
        }
    }

    // SQLite says of all of these that it is unable to open the file.
    private static string Why(string path, Exception error)
    {
        if (error is StoreUnavailableException)
            return error.Message;
        if (Directory.Exists(path))
            return $"{path}: is a folder; name a file in it.";
        return Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder) ? $"{path}: there is no folder '{folder}'; make it, or name another file."
            : $"{path}: cannot be opened as a store: {error.Message}";
    }

    private static void Prepare(StoreSession writer, StoreOptions options)
    {
        // Only in a new file: incremental vacuum gives back what a purge frees.
        _ = writer.Run("pragma auto_vacuum = incremental");
        if (writer.First("pragma journal_mode = wal", row => row.GetString(0)) != "wal")
            throw new StoreException($"{options.Path}: this place cannot keep SQLite's write-ahead log; name a file on a local disk.");
        _ = writer.Run("pragma synchronous = full");
        _ = writer.Run("pragma secure_delete = on");
        if (options.LimitBytes > 0)
            _ = writer.Run($"pragma max_page_count = {options.LimitBytes / writer.Number("pragma page_size")}");
        writer.Script("begin immediate");
        var (kind, version) = (writer.Number("pragma application_id"), (int)writer.Number("pragma user_version"));
        if (kind != StoreSchema.ApplicationId && (kind != 0 || version != 0 || writer.Number("select count(*) from sqlite_master") > 0))
            throw new StoreException($"{options.Path}: is a SQLite database, but no store of this program; name another file.");
        if (version > StoreSchema.Version)
            throw new StoreException($"{options.Path}: the store is of version {version}, this program knows up to {StoreSchema.Version}; use the program that wrote it, or a newer one.");
        foreach (var step in StoreSchema.StepsFrom(version))
            writer.Script(step);
        writer.Script(string.Create(CultureInfo.InvariantCulture, $"pragma application_id = {StoreSchema.ApplicationId}; pragma user_version = {StoreSchema.Version}; commit"));
    }

    /// <summary>The store's time, in Unix seconds.</summary>
    public double Now => _clock.Now;

    /// <summary>Ends with the next change that this process makes.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>Moves the store's time on; a few times a minute.</summary>
    public void Tick()
    {
        _ = Write(session =>
        {
            _clock.Tick(session);
            return 0;
        });
        if (_isErasedInLog)
            EmptyLog();
    }

    /// <summary>Whether something can be written now.</summary>
    public bool IsWritable()
    {
        try
        {
            RequireFile();
            Tick();
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    // A transaction of what comes from outside. What is here already goes on to its end without the file; the answers last as long as the process.
    private T TakeIn<T>(Func<StoreSession, T> work)
    {
        RequireFile();
        return Write(work);
    }

    // Linux keeps a removed file for those who have it open, and no longer.
    private void RequireFile()
    {
        if (!File.Exists(_options.Path))
            throw new StoreUnavailableException($"{_options.Path}: the store's file was removed, and what is taken now would be lost with this process; start the service anew", new FileNotFoundException());
    }

    /// <summary>One transaction: all of it, or nothing.</summary>
    /// <exception cref="StoreUnavailableException">The disk is full, or the store is held by another process; nothing was changed.</exception>
    private T Write<T>(Func<StoreSession, T> work)
    {
        T result;
        lock (_writing)
        {
            try
            {
                _ = _writer.Run("begin immediate");
                result = work(_writer);
                _ = _writer.Run("commit");
            }
            catch (SqliteException error) when (StoreUnavailableException.Is(error))
            {
                throw StoreUnavailableException.Of(error, _options.Path);
            }
            finally
            {
                if (_writer.InTransaction)
                    _ = _writer.Run("rollback");
            }
        }
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        return result;
    }

    // What was erased is overwritten in the file, but stands in the log until that is emptied into it. Where that cannot be yet, on a full disk or beside one who reads for long,
    // it is done with one of the next ticks: the erasing itself is kept already.
    private void EmptyLog()
    {
        lock (_writing)
        {
            try
            {
                _ = _writer.Run("pragma busy_timeout = 200");       // all writing waits behind this
                _isErasedInLog = _writer.Number("pragma wal_checkpoint(truncate)") != 0;
            }
            catch (SqliteException error) when (StoreUnavailableException.Is(error))
            {
                _isErasedInLog = true;
            }
            finally
            {
                _ = _writer.Run(StoreSession.Patience);
            }
        }
    }

    private T Read<T>(Func<StoreSession, T> work)
    {
        try
        {
            var session = _readers.TryTake(out var free) ? free : new StoreSession(_options.Path);
            var result = work(session);
            _readers.Add(session);      // one that failed is left to the collector
            return result;
        }
        catch (SqliteException error) when (StoreUnavailableException.Is(error))
        {
            throw StoreUnavailableException.Of(error, _options.Path);
        }
    }

    /// <summary>Gives back what this process holds, and closes the file.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            _lock.Dispose();
            _writer.Dispose();
        }
        foreach (var reader in _readers)
            reader.Dispose();
    }
}
