using System.Globalization;

namespace Rmt.Benchmarks;

/// <summary>What the kernel says of a process (proc(5)).</summary>
internal static class ProcessMemory
{
    /// <summary>Resident bytes now.</summary>
    public static long Resident(int? process = null) => Field(Name(process), "VmRSS:") ?? throw new IOException($"process {Name(process)} has no VmRSS");

    /// <summary>The most bytes that were ever resident; null where the process is gone.</summary>
    public static long? Peak(int process) => Field(Name(process), "VmHWM:");

    /// <summary>Open files, pipes and sockets.</summary>
    public static int Handles(int? process = null) => Directory.GetFileSystemEntries($"/proc/{Name(process)}/fd").Length;

    /// <summary>Processor time of all its threads so far.</summary>
    public static TimeSpan Processor(int process)
    {
        using var asked = System.Diagnostics.Process.GetProcessById(process);
        return asked.TotalProcessorTime;
    }

    private static string Name(int? process) => process?.ToString(CultureInfo.InvariantCulture) ?? "self";

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
