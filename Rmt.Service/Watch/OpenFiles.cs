namespace Rmt.Service;

/// <summary>Files that a process has open to write, as Linux tells of every process that we may look at.</summary>
internal static class OpenFiles
{
    private const int AccessMode = 3;       // of open(2): 0 reads, 1 writes, 2 does both

    /// <summary>Their whole paths. Of processes of other users nothing is seen.</summary>
    public static HashSet<string> Written()
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        if (!Directory.Exists("/proc"))
            return paths;
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                foreach (var file in new DirectoryInfo(Path.Combine(process, "fd")).EnumerateFileSystemInfos())
                {
                    if (Target(file) is ['/', ..] target && IsWritten(Path.Combine(process, "fdinfo", file.Name)))
                        _ = paths.Add(target);
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It ended, or is somebody else's.
            }
        }
        return paths;
    }

    // What a process closes while it is looked at says nothing of what else it has open.
    private static string? Target(FileSystemInfo file)
    {
        try
        {
            return file.LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static bool IsWritten(string info)
    {
        try
        {
            return File.ReadLines(info).FirstOrDefault(line => line.StartsWith("flags:", StringComparison.Ordinal)) is { } flags
                && (Convert.ToInt64(flags["flags:".Length..].Trim(), 8) & AccessMode) != 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
