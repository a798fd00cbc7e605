using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rmt.Benchmarks;

/// <summary>Finished trainings, a JSON object a line, so that a benchmark that was stopped goes on with those that are missing; beside it a table in Markdown.</summary>
internal sealed class ResultFile
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly string path;
    private readonly List<FineTuningResult> results = [];

    /// <exception cref="IOException">A line is no result.</exception>
    public ResultFile(string path)
    {
        this.path = path;
        if (!File.Exists(path)) return;
        var lines = File.ReadAllLines(path);
        for (var i = 0; i < lines.Length; i++)
        {
            try
            {
                results.Add(JsonSerializer.Deserialize<FineTuningResult>(lines[i], Json) ?? throw new JsonException("null"));
            }
            catch (JsonException error)
            {
                throw new IOException($"{path}:{i + 1} is no result of 'finetuning': {error.Message} Delete the line, or name another file with --output", error);
            }
        }
    }

    public bool Has(FineTuningRun run) => results.Any(result => result.Run == run);

    public void Add(FineTuningResult result)
    {
        results.Add(result);
        File.AppendAllText(path, JsonSerializer.Serialize(result, Json) + "\n");
        File.WriteAllText(path + ".md", Markdown());
    }

    /// <summary>A row a method: mean and standard deviation over its seeds, and each of them.</summary>
    public string Markdown()
    {
        var table = new StringBuilder("| method | m | curriculum | epochs | dtype | seeds | test accuracy, % | of each seed | valid accuracy, % | minutes each |\n|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var group in results.GroupBy(result => result.Run with { Seed = 0 }))
        {
            var (run, tests) = (group.Key, group.OrderBy(result => result.Run.Seed).Select(result => 100 * result.TestAccuracy).ToArray());
            table.Append(CultureInfo.InvariantCulture, $"| {run.Method} | {run.MemoryTokens} | {(run.Curriculum ? "yes" : "")} | {run.Epochs} | {run.Dtype} | {tests.Length} | {tests.Average():0.0} ± {Spread(tests):0.0} | ")
                .Append(string.Join(", ", tests.Select(test => test.ToString("0.0", CultureInfo.InvariantCulture))))
                .Append(CultureInfo.InvariantCulture, $" | {group.Average(result => 100 * result.ValidAccuracy):0.0} | {group.Average(result => result.Seconds) / 60:0.0} |\n");
        }
        return table.ToString();
    }

    // Of a sample: one less than there are.
    private static double Spread(double[] values)
    {
        var mean = values.Average();
        return values.Length < 2 ? 0 : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
    }
}
