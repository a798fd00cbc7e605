namespace Rmt.Benchmarks;

/// <summary>Models, data and rivals that are no part of the repository: the folder named by RMT_SHARED, else <c>shared</c> beside the repository, as the tests have it.</summary>
internal static class SharedFolder
{
    /// <summary>A file or folder in it; null where it is not there.</summary>
    public static string? Path(params string[] parts)
    {
        var path = System.IO.Path.Combine([Root(), .. parts]);
        return System.IO.Path.Exists(path) ? path : null;
    }

    /// <summary>Where it should be.</summary>
    public static string Root()
    {
        if (Environment.GetEnvironmentVariable("RMT_SHARED") is { Length: > 0 } named) return named;
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Rmt.Adapter.sln"))) folder = folder.Parent;
        return System.IO.Path.Combine(folder?.Parent?.FullName ?? "..", "shared");
    }
}
