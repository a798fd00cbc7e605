using Microsoft.Data.Sqlite;

namespace Rmt.Service;

/// <summary>The store cannot be opened: locked, of a newer version, or no store. The message names the file and says what to do.</summary>
public sealed class StoreException(string message) : Exception(message);

/// <summary>The store cannot be written or read now: the disk is full, another process holds it, or its file was removed. Nothing was changed; it may work later.</summary>
public sealed class StoreUnavailableException(string message, Exception inner) : Exception(message, inner)
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, InputOutput = 10, Full = 13, CannotOpen = 14;

    internal static bool Is(SqliteException error) => error.SqliteErrorCode is Busy or Locked or ReadOnly or InputOutput or Full or CannotOpen;

    internal static StoreUnavailableException Of(SqliteException error, string path) => new($"{path}: {error.SqliteErrorCode switch
    {
        Full => "the disk, or the limit of the store, is full; make room",
        Busy or Locked => "another process has held the store for too long",
        _ => $"the store cannot be used now: {error.Message}",
    }}", error);
}
