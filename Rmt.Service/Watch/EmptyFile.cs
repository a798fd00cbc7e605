using System.Formats.Tar;

namespace Rmt.Service;

/// <summary>A file without bytes, told from pipes, sockets and devices, which have no length either, without opening those.</summary>
internal static class EmptyFile
{
    /// <param name="path">Of something without length, no link.</param>
    public static bool Is(string path)
    {
        // Of the runtime only archives say what a file is.
        using var archive = new MemoryStream();
        try
        {
            using var writer = new TarWriter(archive, leaveOpen: true);
            writer.WriteEntry(path, "file");
        }
        catch (IOException error) when (error is not FileNotFoundException)
        {
            return false;       // a socket, which no archive takes
        }
        archive.Position = 0;
        using var reader = new TarReader(archive);
        return reader.GetNextEntry()?.EntryType == TarEntryType.RegularFile;
    }
}
