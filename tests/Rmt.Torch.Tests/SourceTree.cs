namespace Rmt.Torch.Tests;

/// <summary>The repository that the running tests were built from.</summary>
internal static class SourceTree
{
    /// <summary>A file or folder in it; the test is skipped where the assembly runs without its sources.</summary>
    public static string Path(params string[] parts)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Rmt.Adapter.sln")))
            folder = folder.Parent;
        if (folder is null) Assert.Skip($"needs the sources: no folder above {AppContext.BaseDirectory} has Rmt.Adapter.sln");
        return System.IO.Path.Combine([folder.FullName, .. parts]);
    }
}
