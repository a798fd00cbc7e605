using System.Diagnostics;
using Rmt.Host.Tests.Doubles;

namespace Rmt.Host.Tests.Training;

/// <summary>A training that is killed, wherever it is, goes on as if it had not been. RMT_TEST_KILLS says how often; 3 if it does not.</summary>
public sealed class KilledTrainingTests : IDisposable
{
    private readonly Trainings _trainings = new();

    public void Dispose() => _trainings.Dispose();

    private static int Kills => int.TryParse(Environment.GetEnvironmentVariable("RMT_TEST_KILLS"), out var kills) ? kills : 3;

    // A vocabulary of some size makes a checkpoint that takes a while to write.
    public KilledTrainingTests() => File.AppendAllLines(_trainings["vocab.txt"], Enumerable.Range(0, 4000).Select(i => $"word{i}"));

    private string[] Training(string save, int updates) => _trainings.New(save,
        ["--new", "1x64x2", "--train-file", _trainings.Reviews("train.jsonl", 50), "--validation-file", _trainings.Reviews("valid.jsonl", 10), "--updates", $"{updates}", "--documents", "4",
            "--evaluate-every", "20", "--checkpoint-every", "1"]);

    [Fact]
    public void Killed_at_any_instant_it_loses_what_an_uninterrupted_one_loses()
    {
        var updates = 30 * (Kills + 1);
        Assert.Equal(0, Finished.Rmt(Training("whole", updates)).ExitCode);
        var dice = new Random(Kills);
        string[] args = Training("parts", updates);
        var insideWriting = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            insideWriting += Kill(args, dice.Next(1, 15), inWriting: kill % 3 > 0) ? 1 : 0;
            args = ["train", "--save", _trainings["parts"], "--resume"];
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{insideWriting} of {Kills} kills while a checkpoint was written");
        Assert.True(insideWriting > 0);
        var end = Finished.Rmt(args);
        Assert.True(end.ExitCode == 0, end.Error);
        Assert.Equal(_trainings.Log("whole"), _trainings.Log("parts"));
        Assert.Equal(File.ReadAllBytes(_trainings["whole", "model.safetensors"]), File.ReadAllBytes(_trainings["parts", "model.safetensors"]));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_trainings["parts"]), path => Path.GetFileName(path).StartsWith('.'));
    }

    [Fact]
    public void A_full_disk_ends_it_and_what_was_saved_before_is_whole()
    {
        var may = Finished.Shell($"unshare -m mount -t tmpfs none {_trainings.Folder.Path}");
        Assert.SkipUnless(may.ExitCode == 0, "needs the right to mount a file system");
        Assert.Equal(0, Finished.Rmt(Training("whole", 5)).ExitCode);
        var (disk, kept) = (_trainings["disk", "m"], _trainings["kept"]);
        // Room for one checkpoint and a half, and all else.
        var room = new FileInfo(_trainings["whole", "training.state"]).Length * 3 / 2 + 200_000;
        var end = Finished.Shell($"unshare -m bash -c 'mount -t tmpfs -o size={room} none {_trainings["disk"]} && $RMT {string.Join(' ', Training("disk/m", 5))}; code=$?; cp -r {disk} {kept}; exit $code'");
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("What was saved before is whole: make room", end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(kept), path => Path.GetFileName(path).StartsWith('.'));
        Assert.Equal(0, Finished.Rmt("train", "--save", kept, "--resume").ExitCode);
        Assert.Equal(_trainings.Log("whole"), _trainings.Log("kept"));
    }

    // After so many more lines of its log, and, if asked, when half of a checkpoint is there. Whether one was left.
    private bool Kill(string[] args, int lines, bool inWriting)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "rmt.dll"), .. args]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var from = default(int?);
        while (!process.HasExited)
        {
            // The first look may see lines that resuming cuts off: it is enough that time passes.
            var now = Lines();
            from ??= now;
            if (now >= from + lines)
                break;
        }
        while (inWriting && !Unfinished() && !process.HasExited)
        {
        }
        Assert.False(process.HasExited, "it ended before it was killed");
        process.Kill();
        process.WaitForExit();
        return Unfinished();
    }

    private int Lines()
    {
        try
        {
            using var file = new FileStream(_trainings["parts", "training.jsonl"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd().Count(letter => letter == '\n');
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private bool Unfinished() => Directory.Exists(_trainings["parts"]) && Directory.EnumerateFiles(_trainings["parts"], ".training.state.*").Any();
}
