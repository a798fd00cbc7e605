namespace Rmt.Service;

/// <summary>A file of a watched folder, as it was when it was taken.</summary>
/// <param name="Path">Whole.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Changed">When it was last written, in ticks.</param>
internal readonly record struct WatchedFile(string Path, long Size, long Changed);

/// <summary>Files that came in through a folder: each, as it was at a time, becomes one document, whatever restarts.</summary>
internal sealed partial class DocumentStore
{
    /// <summary>Whether the file, as it is, was taken before.</summary>
    public bool Knows(WatchedFile file) => Read(session => session.Number("select count(*) from files where path = $1 and size = $2 and changed = $3", file.Path, file.Size, file.Changed)) > 0;

    /// <summary>Takes a file and its document in one transaction.</summary>
    /// <param name="file">The file.</param>
    /// <param name="document">What it holds; null: it cannot be read, and its result was written.</param>
    /// <returns>False where it was taken before, or the queue is full.</returns>
    public bool Take(WatchedFile file, NewDocument? document) => Write(session =>
    {
        if (session.Number("select count(*) from files where path = $1 and size = $2 and changed = $3", file.Path, file.Size, file.Changed) > 0)
            return false;
        var id = "";
        if (document is not null)
        {
            var accepted = Accept(session, document, _options.MaxQueued - Queued(session));
            if (accepted.Acceptance != Acceptance.Accepted)
                return false;
            id = accepted.Id;
        }
        return session.Run("insert into files values ($1, $2, $3, $4, $5)", file.Path, file.Size, file.Changed, id, document is null) == 1;
    });

    /// <summary>Files whose document is finished and whose result is not written.</summary>
    public IReadOnlyList<(WatchedFile File, StoredDocument Document)> Unwritten() => Read(session => session.All(
        "select files.path, size, changed, documents.id from files join documents on documents.id = files.document where written = 0 and documents.status in (2, 3, 4)",
        row => (new WatchedFile(row.GetString(0), row.GetInt64(1), row.GetInt64(2)), row.GetString(3)))).Select(row => (row.Item1, Find(row.Item2)!)).Where(row => row.Item2 is not null).ToList();

    /// <summary>Says that a result is written.</summary>
    public void Written(WatchedFile file) => _ = Write(session => session.Run("update files set written = 1 where path = $1 and size = $2 and changed = $3", file.Path, file.Size, file.Changed));
}
