namespace Rmt.Service.Tests.Doubles;

/// <summary>Programs that tests need and that are not part of .NET.</summary>
internal static class Programs
{
    /// <summary>Where one is; the test is skipped where it is not on the PATH.</summary>
    /// <param name="name">How it is called.</param>
    /// <param name="packages">Debian's packages that have it.</param>
    public static string Find(string name, string packages)
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (program is null)
            Assert.Skip($"needs {name}, which is not on the PATH. Debian: apt-get install {packages}");
        return program;
    }
}
