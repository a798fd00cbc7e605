namespace Rmt.Service;

/// <summary>A file beside the store that is locked as long as its owner's process lives: the kernel lets go of it, however the process ends.</summary>
/// <remarks>All processes on a SQLite store are on one machine, so that a death is seen at once and not when a lease has run out.</remarks>
internal sealed class OwnerLock : IDisposable
{
    private readonly FileStream _file;

    public OwnerLock(string store, string owner) => _file = new(PathOf(store, owner), FileMode.Create, FileAccess.ReadWrite, FileShare.None);

    /// <summary>Whether nobody holds the lock of this owner any more; its file is then taken away.</summary>
    public static bool IsDead(string store, string owner)
    {
        var path = PathOf(store, owner);
        try
        {
            using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                File.Delete(path);
            return true;
        }
        catch (FileNotFoundException)
        {
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;   // held, or of another user: its beat tells
        }
    }

    private static string PathOf(string store, string owner) => $"{store}.{owner}.lock";

    public void Dispose()
    {
        File.Delete(_file.Name);
        _file.Dispose();
    }
}
