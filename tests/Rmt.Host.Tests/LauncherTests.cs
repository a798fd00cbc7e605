using Rmt.Host.Tests.Doubles;
using Rmt.Testing;

namespace Rmt.Host.Tests;

/// <summary>The launcher on machines that lack something: the script itself, among commands that only write down how they were called.</summary>
public sealed class LauncherTests : IDisposable
{
    // What the script may use of the real machine.
    private static readonly string[] Tools = ["bash", "env", "dirname", "readlink", "mkdir", "cat", "find", "flock", "mv", "sed", "grep", "tr", "tail", "tee", "timeout", "basename", "rm", "chmod"];

    private readonly TempFolder _folder = new();

    public LauncherTests()
    {
        Assert.SkipUnless(File.Exists("/etc/debian_version"), "needs a Debian");
        foreach (var tool in Tools)
            _ = File.CreateSymbolicLink(_folder["bin", tool], Finished.Shell($"command -v {tool}").Out.Trim());
        File.Copy(Path.Combine(Repository.Root, "rmt"), _folder["tree", "rmt"]);
        Command("dotnet", """case "$1" in --version) echo 10.0.100 ;; build) echo built ;; exec) shift; echo "ran ${1##*/} ${*:2}" ;; esac""");
        Command("dpkg-query", $"[ -e {_folder["installed"]} ] && printf 'install ok installed'");
        Command("apt-get", $"touch_() {{ : >\"$1\"; }}; case \"$*\" in *install*) touch_ {_folder["installed"]}; for t in g++ cmake make; do printf '#!/bin/bash\\n' >{_folder["bin"]}/$t; chmod +x {_folder["bin"]}/$t; done ;; esac");
        Command("sudo", "exec \"$@\"");
    }

    public void Dispose() => _folder.Dispose();

    private void Command(string name, string body)
    {
        var path = _folder["bin", name];
        File.Delete(path);
        File.WriteAllText(path, $"#!/bin/bash\necho \"{name} $*\" >>{_folder["calls"]}\n{body}\n");
        _ = Finished.Run("chmod", ["+x", path]);
    }

    private void EverythingIsThere()
    {
        foreach (var name in new[] { "g++", "cmake", "make" })
            Command(name, "");
        File.WriteAllText(_folder["installed"], "");
    }

    private Finished Launch(Action<IDictionary<string, string?>>? change = null, params string[] args) => Finished.Run(_folder["tree", "rmt"], args, _folder.Path, start =>
    {
        foreach (var name in new[] { "LIBTORCH", "LIBTORCH_USE_PYTORCH", "CI", "RMT_FORBID_SKIPS", "TorchProvider" })
            _ = start.Environment.Remove(name);
        start.Environment["PATH"] = _folder["bin"];
        start.Environment["HOME"] = _folder.Path;
        start.Environment["DOTNET_ROOT"] = _folder.Path;
        change?.Invoke(start.Environment);
    });

    private List<string> Calls(string command) => File.Exists(_folder["calls"])
        ? [.. File.ReadLines(_folder["calls"]).Where(line => line.StartsWith(command + " ", StringComparison.Ordinal)).Select(line => line[(command.Length + 1)..])]
        : [];

    [Fact]
    public void Where_all_is_there_nothing_is_installed_and_only_the_program_speaks_on_stdout()
    {
        EverythingIsThere();
        var end = Launch(null, "classify", "a b", "-");
        Assert.Equal((0, "ran rmt.dll classify a b -\n"), (end.ExitCode, end.Out));
        Assert.Empty(Calls("apt-get"));
        Assert.Contains(Calls("dotnet"), call => call.StartsWith("build ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_closed_stdin_is_one_that_cannot_be_read_and_not_whatever_is_opened_next()
    {
        EverythingIsThere();
        _ = Launch();
        Command("dotnet", "read -r line && echo read || readlink /proc/self/fd/0");
        var end = Finished.Shell($"PATH={_folder["bin"]} {_folder["tree", "rmt"]} classify - <&-");
        Assert.Equal("/dev/null\n", end.Out);
    }

    [Fact]
    public void It_builds_again_only_when_a_source_or_the_choice_of_libtorch_changes()
    {
        EverythingIsThere();
        int Builds() => Calls("dotnet").Count(call => call.StartsWith("build ", StringComparison.Ordinal));
        var source = _folder.Write("tree/Rmt.Host/a.cs", "");
        _ = Launch();
        _ = Launch();
        Assert.Equal(1, Builds());
        File.SetLastWriteTimeUtc(source, TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(5));
        _ = Launch();
        Assert.Equal(2, Builds());
        File.Delete(source);
        Directory.SetLastWriteTimeUtc(_folder["tree", "Rmt.Host"], TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(5));
        _ = Launch();
        Assert.Equal(3, Builds());
        _ = Launch(environment => environment["LIBTORCH"] = "/opt/libtorch");
        Assert.Equal(4, Builds());
    }

    [Fact]
    public void What_is_missing_is_installed_and_told()
    {
        var end = Launch(null, "x");
        Assert.Equal((0, "ran rmt.dll x\n"), (end.ExitCode, end.Out));
        Assert.Equal(["-o DPkg::Lock::Timeout=600 update", "-o DPkg::Lock::Timeout=600 install -y --no-install-recommends g++ cmake make libtorch-dev libopenblas0-pthread"], Calls("apt-get"));
        Assert.Contains("installing g++ cmake make libtorch-dev libopenblas0-pthread", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_browser_and_promtool_are_installed_for_tests_in_CI_only()
    {
        EverythingIsThere();
        _ = Directory.CreateDirectory(_folder["tree", "tests", "A.Tests"]);
        _ = Launch(null, "test");
        _ = Launch(environment => environment["CI"] = "true", "classify");
        Assert.Empty(Calls("apt-get"));
        _ = Launch(environment => environment["CI"] = "true", "test");
        Assert.EndsWith("install -y --no-install-recommends chromium chromium-driver prometheus", Calls("apt-get")[1], StringComparison.Ordinal);
        Command("chromedriver", "");
        Command("promtool", "");
        _ = Launch(environment => environment["CI"] = "true", "test");
        Assert.Equal(2, Calls("apt-get").Count);
    }

    [Fact]
    public void A_libtorch_of_the_users_own_is_not_installed_beside()
    {
        _ = Launch(environment => environment["LIBTORCH"] = "/opt/libtorch");
        Assert.EndsWith("--no-install-recommends g++ cmake make", Calls("apt-get")[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Without_apt_it_says_what_is_needed_and_stops_with_3()
    {
        File.Delete(_folder["bin", "apt-get"]);
        var end = Launch();
        Assert.Equal((3, ""), (end.ExitCode, end.Out));
        Assert.Contains("g++ cmake make", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_installation_that_fails_stops_with_3()
    {
        Command("apt-get", "exit 100");
        Assert.Equal(3, Launch().ExitCode);
    }

    [Fact]
    public void Without_the_SDK_it_says_how_to_get_it()
    {
        EverythingIsThere();
        Command("dotnet", "echo 'A compatible .NET SDK was not found.'; exit 155");
        var end = Launch();
        Assert.Equal(3, end.ExitCode);
        Assert.Contains("the .NET 10 SDK is needed", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_build_that_fails_shows_its_log_and_stops_with_1()
    {
        EverythingIsThere();
        Command("dotnet", """case "$1" in --version) echo 10.0.100 ;; build) echo 'error CS0000: bad'; exit 1 ;; esac""");
        var end = Launch();
        Assert.Equal((1, ""), (end.ExitCode, end.Out));
        Assert.Contains("error CS0000: bad", end.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A.Tests  Total: 5, Errors: 0, Failed: 0, Skipped: 2, Not Run: 0, Time: 0.1s", 0, 0, "3 passed, 0 failed, 2 skipped")]
    [InlineData("A.Tests  Total: 5, Errors: 1, Failed: 1, Skipped: 0, Not Run: 0, Time: 0.1s", 1, 1, "3 passed, 2 failed, 0 skipped")]
    [InlineData("A.Tests  Total: 0", 0, 1, "0 passed, 1 failed, 0 skipped")]
    [InlineData("A.Tests  Total: 5, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0, Time: 0.1s", 7, 1, "5 passed, 1 failed, 0 skipped")]
    [InlineData("killed", 134, 1, "0 passed, 1 failed, 0 skipped")]
    public void Tests_are_counted_and_what_has_no_count_failed(string summary, int code, int expected, string last)
    {
        EverythingIsThere();
        _ = Directory.CreateDirectory(_folder["tree", "tests", "A.Tests"]);
        Command("dotnet", $"case \"$1\" in exec) echo '   {summary}'; exit {code} ;; esac");
        var end = Launch(null, "test");
        Assert.Equal(expected, end.ExitCode);
        Assert.Equal(last, end.Out.TrimEnd().Split('\n')[^1]);
    }

    [Fact]
    public void Tests_of_all_projects_are_summed_and_a_name_chooses()
    {
        EverythingIsThere();
        foreach (var name in new[] { "A.Tests", "B.Tests" })
            _ = Directory.CreateDirectory(_folder["tree", "tests", name]);
        Command("dotnet", "case \"$1\" in exec) f=${2##*/}; echo \"   ${f%.dll}  Total: 2, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0, Time: 0.1s\" ;; esac");
        Assert.EndsWith("4 passed, 0 failed, 0 skipped\n", Launch(null, "test").Out, StringComparison.Ordinal);
        Assert.EndsWith("2 passed, 0 failed, 0 skipped\n", Launch(null, "test", "b").Out, StringComparison.Ordinal);
        Assert.Equal(2, Launch(null, "test", "nothing").ExitCode);
        _ = Launch(environment => environment["RMT_FORBID_SKIPS"] = "1", "test");
        Assert.EndsWith("-failSkips", Calls("dotnet")[^1], StringComparison.Ordinal);
    }
}
