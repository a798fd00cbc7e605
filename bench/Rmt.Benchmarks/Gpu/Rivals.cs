using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Rmt.Benchmarks.Gpu;

/// <summary>The same work in Python, each time a process of its own that ends before we go on.</summary>
/// <param name="python">The interpreter.</param>
/// <param name="folder">Of infer.py and train.py; null: there are none.</param>
/// <param name="say">Told what is missing, and versions, once each.</param>
internal sealed class Rivals(string python, string? folder, Action<string> say)
{
    private readonly HashSet<string> told = [];
    private string? missing = folder is null ? "no folder of rivals: --rivals DIR, or RMT_SHARED with one in it" : Directory.Exists(folder) ? null : $"{folder} is not there";

    /// <summary>Whether they can be asked, as far as is known.</summary>
    public bool AreHere => missing is null;

    /// <summary>Runs a script and tells its lines as they come. One that fails, or takes too long, is a line with its error for every variant that was not told.</summary>
    /// <param name="script">infer.py or train.py.</param>
    /// <param name="expected">What it is asked for, without figures.</param>
    /// <param name="seconds">When it is ended.</param>
    /// <param name="each">Called for every line.</param>
    /// <param name="arguments">Options beside --shape and --variant.</param>
    public IReadOnlyList<GpuLine> Run(string script, IReadOnlyList<GpuLine> expected, double seconds, Action<GpuLine> each, params string[] arguments)
    {
        if (missing is not null)
        {
            Tell($"ours alone: {missing}");
            return [];
        }
        var (part, shape, batch) = (expected[0].Part, expected[0].Shape, expected[0].Batch);
        var lines = new List<GpuLine>();
        string[] variants = [.. expected.Select(line => line.Variant).Distinct()];
        var failure = Ask([Path.Combine(folder!, script), "--shape", shape, .. arguments, "--variant", .. variants], seconds, line =>
        {
            if (RivalLines.Machine(line) is { } machine) Tell($"rivals: {machine}");
            foreach (var found in RivalLines.Parse(line, part, shape, batch))
            {
                lines.Add(found);
                each(found);
            }
        });
        if (lines.Count == 0 && failure is not null && (failure.Contains("No module named", StringComparison.Ordinal) || failure.StartsWith(python, StringComparison.Ordinal)))
        {
            missing = failure;
            Tell($"ours alone: {missing}");
            return [];
        }
        foreach (var left in expected.Where(line => lines.All(found => found.Part != line.Part || found.Batch != line.Batch || found.Variant != line.Variant)))
        {
            lines.Add(left with { Error = failure ?? "it said nothing" });
            each(lines[^1]);
        }
        return lines;
    }

    private string? Ask(string[] arguments, double seconds, Action<string> line)
    {
        var start = new ProcessStartInfo(python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        start.Environment["PYTHONUNBUFFERED"] = "1";
        try
        {
            using var process = Process.Start(start)!;
            var said = "";
            process.OutputDataReceived += (_, output) =>
            {
                if (output.Data is { } text) line(text);
            };
            process.ErrorDataReceived += (_, output) =>
            {
                if (!string.IsNullOrWhiteSpace(output.Data)) said = output.Data.Trim();
            };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            var ended = process.WaitForExit(TimeSpan.FromSeconds(Math.Max(1, seconds)));
            if (!ended) process.Kill(entireProcessTree: true);      // compilers of theirs too
            process.WaitForExit();      // and for the last lines
            return !ended ? string.Create(CultureInfo.InvariantCulture, $"not reached in {seconds:0} s") : process.ExitCode == 0 ? null : said.Length > 0 ? said : $"exit code {process.ExitCode}";
        }
        catch (Win32Exception error)
        {
            return $"{python}: {error.Message}";
        }
    }

    private void Tell(string what)
    {
        if (told.Add(what)) say(what);
    }
}
