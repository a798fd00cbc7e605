using System.Globalization;

namespace Rmt.Benchmarks;

/// <summary>Memory of this process that is really there.</summary>
internal static class Resident
{
    /// <summary>The most there ever was, in MB; <see langword="null"/> where the system does not tell.</summary>
    public static double? Peak() => Of("VmHWM:");

    /// <summary>What is there now, in MB.</summary>
    public static double? Now() => Of("VmRSS:");

    private static double? Of(string key)
    {
        const string status = "/proc/self/status";
        if (!File.Exists(status)) return null;
        var line = File.ReadLines(status).First(line => line.StartsWith(key, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024 / 1e6;
    }
}
