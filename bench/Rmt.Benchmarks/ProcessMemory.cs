using System.Globalization;

namespace Rmt.Benchmarks;

/// <summary>What the kernel says of a process (proc(5)).</summary>
internal static class ProcessMemory
{
    /// <summary>Resident bytes now.</summary>
    public static long Resident() => Field("self", "VmRSS:") ?? throw new IOException("this process has no VmRSS");

    /// <summary>The most bytes that were ever resident; null where the process is gone.</summary>
    public static long? Peak(int process) => Field(process.ToString(CultureInfo.InvariantCulture), "VmHWM:");

    /// <summary>Open files, pipes and sockets.</summary>
    public static int Handles() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    private static long? Field(string process, string name)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
            return line is null ? null : 1024 * long.Parse(line[name.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
