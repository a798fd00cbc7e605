using Xunit;

namespace Rmt.Testing;

/// <summary>Models, data and reference outputs that are not part of the repository: the folder named by RMT_SHARED, else <c>shared</c> beside the repository.</summary>
public static class Shared
{
    /// <summary>A file or folder in it; the test is skipped where it is not there.</summary>
    public static string Path(params string[] parts)
    {
        var path = System.IO.Path.Combine([Root(), .. parts]);
        if (!System.IO.Path.Exists(path))
            Assert.Skip($"needs ../shared: {path} is not there");
        return path;
    }

    private static string Root()
    {
        if (Environment.GetEnvironmentVariable("RMT_SHARED") is { Length: > 0 } named)
            return named;
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Rmt.Adapter.sln")))
            folder = folder.Parent;
        return System.IO.Path.Combine(folder?.Parent?.FullName ?? ".", "shared");
    }
}
