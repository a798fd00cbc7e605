namespace Rmt.Loaders;

/// <summary>
/// Writes a file so that a reader sees the old one or the new one, never half of either: everything goes to a temporary file in the same
/// folder, is flushed to the disk, and takes the name in one rename. A process that has the old file open keeps the old file.
/// </summary>
public static class AtomicFile
{
    /// <summary>Creates or replaces <paramref name="path"/>. Whatever <paramref name="write"/> throws is passed on, the old file is then as it was.</summary>
    public static void Write(string path, Action<FileStream> write)
    {
        var full = Path.GetFullPath(path);
        var temporary = Path.Combine(Path.GetDirectoryName(full) ?? "", $".{Path.GetFileName(full)}.{Path.GetRandomFileName()}");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
            {
                write(stream);
                stream.Flush();
                RandomAccess.FlushToDisk(stream.SafeFileHandle);   // before the rename: a name must not reach the disk before its bytes
            }
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);   // does nothing if it was never created
            throw;
        }
    }

    /// <summary>Creates or replaces <paramref name="path"/> with these bytes.</summary>
    public static void Write(string path, ReadOnlyMemory<byte> content) => Write(path, stream => stream.Write(content.Span));
}
