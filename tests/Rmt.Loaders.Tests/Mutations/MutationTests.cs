using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Rmt.Adapter;
using Rmt.Testing;
using static TorchSharp.torch;

namespace Rmt.Loaders.Tests.Mutations;

/// <summary>
/// Model folders broken in ways that know what the files mean: each loads and classifies, or is refused in a sentence that names file and
/// place; none crashes, hangs, leaks or allocates more than its size explains. RMT_MUTANTS, RMT_MUTANTS_FROM and RMT_MUTANTS_SEED choose other ones.
/// </summary>
public sealed partial class MutationTests(ITestOutputHelper output)
{
    // Managed, for one load: the other files of the folder, and this one as bytes, as JSON and as what is made of it. A member of six bytes is objects of a hundred.
    private const long MostBytes = 8 << 20;
    private const int MostTimesFile = 32;

    private const int MostFailures = 20;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);      // a machine may be busy; the table tells the longest
    private static readonly HubCache NoCache = new(Path.Combine(Path.GetTempPath(), "no-such-cache"));

    [Fact]
    public void Every_mutant_loads_or_is_refused_with_its_file_and_place()
    {
        var (count, from, seed) = (Setting("RMT_MUTANTS", 1_000), Setting("RMT_MUTANTS_FROM", 0), Setting("RMT_MUTANTS_SEED", 1));
        var corpus = Corpus.Models();
        using var folder = new TempFolder();
        var reasons = new Dictionary<string, int>();
        var failures = new List<string>();
        var (slowest, most, before) = (TimeSpan.Zero, 0L, Leaks.Baseline());
        foreach (var (good, model) in corpus.Select((files, i) => (files, i)))
        {
            foreach (var (name, bytes) in good)
                File.WriteAllBytes(folder[$"{model}", name], bytes);
            Assert.Equal("loads", Load(folder[$"{model}", ""]));
        }
        for (var number = from; number < from + count; number++)
        {
            var mutant = Mutant.Make(corpus, seed, number);
            var path = folder[$"{mutant.Model}", mutant.File];
            if (mutant.Bytes is null)
                File.Delete(path);
            else
                File.WriteAllBytes(path, mutant.Bytes);
            try
            {
                var (begun, allocated) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
                var reason = Load(Path.GetDirectoryName(path)!);
                var (time, bytes) = (Stopwatch.GetElapsedTime(begun), GC.GetAllocatedBytesForCurrentThread() - allocated);
                (slowest, most) = (Max(slowest, time), Math.Max(most, bytes));
                reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
                Assert.InRange(time, TimeSpan.Zero, Longest);
                Assert.InRange(bytes, 0, MostBytes + (MostTimesFile * (mutant.Bytes?.Length ?? 0L)));
                Leaks.Same(before);
            }
            catch (Exception error) when (failures.Count < MostFailures)
            {
                failures.Add($"mutant {number} of seed {seed}, {mutant.File} ({mutant.Change}): {error.Message}\n{error.StackTrace}");
            }
            File.WriteAllBytes(path, corpus[mutant.Model][mutant.File]);
        }
        foreach (var (reason, times) in reasons.OrderByDescending(reason => reason.Value))
            output.WriteLine($"{times,7}  {reason}");
        output.WriteLine($"{reasons.Count} outcomes; slowest {slowest.TotalMilliseconds:F0} ms, most allocated {most / 1e6:F1} MB");
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
        if (count < 1_000)
            return;     // too few for shares
        // A mutant that is no JSON tests System.Text.Json: most must get past it, to our rules.
        Assert.InRange(reasons.Where(reason => NoJson().IsMatch(reason.Key)).Sum(reason => reason.Value), 1, count / 2);
        Assert.InRange(reasons["loads"], count / 20, count / 2);
    }

    /// <summary>"loads", or the refusal without what is particular to one file.</summary>
    private static string Load(string folder)
    {
        try
        {
            using var classifier = RmtCheckpoint.Load(folder, NoCache);
            _ = classifier.Classify("The cats sat on the mat, [SEP] é漢\u0301 [X]a. " + string.Join(' ', Enumerable.Repeat("cat", 40)));
            var written = RmtConfig.Open(folder).ToBytes();
            Assert.Equal(written, RmtConfig.Parse(JsonFile.Parse(RmtConfig.FileName, written)).ToBytes());
            return "loads";
        }
        catch (LoadException refusal)
        {
            return Reason(folder, refusal);
        }
    }

    private static string Reason(string folder, LoadException refusal)
    {
        Assert.StartsWith(folder.TrimEnd('/'), refusal.Path, StringComparison.Ordinal);
        Assert.StartsWith($"{refusal.Path}: ", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(refusal.Message, char.IsControl);
        var sentence = refusal.Message[(refusal.Path.Length + 2)..];
        Assert.InRange(sentence.Length, 20, 2_500);
        Assert.Matches(PlaceInFile(), sentence);
        var kind = Path.GetExtension(refusal.Path) switch { ".safetensors" => "*.safetensors", "" => "the folder", _ => Path.GetFileName(refusal.Path) };
        return $"{kind}: {Particular().Replace(sentence.Replace(folder, "…", StringComparison.Ordinal), "…")}";
    }

    private static int Setting(string name, int orElse) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : orElse;

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;

    [GeneratedRegex("is not JSON|not UTF-8|not Unicode|must begin with")]
    private static partial Regex NoJson();

    // A name in quotes, a key, a byte, a line, the header's length, or the file that is not there.
    [GeneratedRegex(@"'[^']*'|[a-z0-9]+_[a-z_]+|^.+ must be |^.+ is missing;|\bbytes? \d|\bline \d|\d+ bytes|JSON: Duplicate property|\b[a-z]+\.(json|txt)\b|is empty|vocabulary has \d+")]
    private static partial Regex PlaceInFile();

    [GeneratedRegex(@"'[^']*'|""[^""]*""|\[[^\]]*\]|\b[A-Z]+[0-9]+\b| found .*|-?[0-9]+(?:\.[0-9]+)?|(?<=the byte |not JSON).*|^.+?(?= must be | is missing;)|(?<=[;:] ).*|(?<=config.json describes).*")]
    private static partial Regex Particular();
}
