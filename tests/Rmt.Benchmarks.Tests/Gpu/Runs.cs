using System.Text.Json;
using Rmt.Benchmarks.Gpu;
using TorchSharp;

namespace Rmt.Benchmarks.Tests.Gpu;

/// <summary>The benchmark of the GPU in small, on the CPU, with its records caught.</summary>
internal static class Runs
{
    public const string NoRivals = "/nowhere";

    /// <summary>Runs parts and gives the records they told.</summary>
    public static (bool Right, IReadOnlyList<JsonElement> Records, string Remarks) Of(IReadOnlyList<IGpuPart> parts, params string[] arguments) => Of(parts, rivals: null, limit: 600, arguments);

    public static (bool Right, IReadOnlyList<JsonElement> Records, string Remarks) Of(IReadOnlyList<IGpuPart> parts, Rivals? rivals, double limit, params string[] arguments)
    {
        using var records = new StringWriter();
        using var remarks = new StringWriter();
        var report = new Report("gpu", records, remarks);
        var options = Options.Parse(["gpu", "--device", "cpu", "--shape", "tiny", "--dtype", "fp32", .. arguments]);
        var run = new GpuRun(options, report, rivals ?? new Rivals("sh", NoRivals, report.Say), new(limit));
        var right = GpuBenchmark.Run(run, parts);
        report.Table();
        return (right, [.. records.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))], remarks.ToString());
    }

    /// <summary>The ways in which a BERT can be read, in their order.</summary>
    public static IReadOnlyList<string> Ways { get; } = [.. new[] { Way.Plain, Way.Exact, Way.Fast }.Where(Offered).Select(way => way.Name)];

    private static bool Offered(Way way)
    {
        using var model = RandomModel.Create("tiny", torch.ScalarType.Float32, torch.CPU);
        try
        {
            way.Take(model);
            return true;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }

    public static IGpuPart Part(string name) => GpuBenchmark.Parts.Single(part => part.Name == name);

    public static string Text(this JsonElement record, string name) => record.GetProperty(name).ToString();

    public static double Number(this JsonElement record, string name) => record.GetProperty(name).GetDouble();

    public static bool IsNull(this JsonElement record, string name) => record.GetProperty(name).ValueKind == JsonValueKind.Null;
}
