using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Rmt.Benchmarks.Language;

/// <summary>What transformers' GPT-2 says and how long it takes for a token, in Python, where that has them.</summary>
/// <param name="Milliseconds">Median of the tokens, in the best of the rounds.</param>
/// <param name="Ids">What follows the prompt.</param>
/// <param name="Versions">Of torch and transformers.</param>
internal sealed record TransformersGpt2(double Milliseconds, IReadOnlyList<int> Ids, string Versions)
{
    private const int NotHere = 3;

    /// <returns>null where there is no Python with torch and transformers; <paramref name="why"/> then says what is missing.</returns>
    /// <exception cref="InvalidOperationException">It ended with an error.</exception>
    public static TransformersGpt2? Run(string folder, string prompt, int tokens, string type, int rounds, Options options, out string why)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Language", "gpt2_transformers.py");
        string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("python3", [script, folder, prompt, Text(tokens), Text(options.Threads), type, options.Device, Text(rounds)])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        why = "";
        try
        {
            using var process = Process.Start(start)!;
            var said = process.StandardError.ReadToEndAsync();
            var line = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            why = said.Result.Trim();
            if (process.ExitCode == NotHere) return null;
            if (process.ExitCode != 0) throw new InvalidOperationException($"python3 {script} ended with {process.ExitCode}: {why}");
            var record = JsonDocument.Parse(line).RootElement;
            return new(record.GetProperty("ms_token").GetDouble(), [.. record.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())],
                $"torch {record.GetProperty("torch")}, transformers {record.GetProperty("transformers")}");
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            why = error.Message;
            return null;
        }
    }
}
