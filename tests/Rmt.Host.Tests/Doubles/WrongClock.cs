using System.Globalization;

namespace Rmt.Host.Tests.Doubles;

/// <summary>A wall clock that is wrong in one process, whoever asks it there: .NET as SQLite. Stopwatches stay right.</summary>
internal static class WrongClock
{
    /// <summary>What the process needs in its environment; the test is skipped where the library (tests/clock) was not built, which needs a C++ compiler and Linux.</summary>
    public static IReadOnlyDictionary<string, string> By(TimeSpan off)
    {
        var library = Path.Combine(AppContext.BaseDirectory, "libwrong_clock.so");
        Assert.SkipUnless(File.Exists(library), $"needs {Path.GetFileName(library)}, which a build with TorchProvider=Native makes");
        return new Dictionary<string, string> { ["LD_PRELOAD"] = library, ["RMT_CLOCK_OFF"] = off.TotalSeconds.ToString(CultureInfo.InvariantCulture) };
    }
}
