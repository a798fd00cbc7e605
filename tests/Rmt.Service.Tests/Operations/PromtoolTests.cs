using System.Diagnostics;
using Rmt.Service.Tests.Doubles;

namespace Rmt.Service.Tests.Operations;

/// <summary>Metrics as those who made the format read them.</summary>
public sealed class PromtoolTests
{
    [Fact]
    public async Task Promtool_finds_nothing_to_say_of_the_metrics()
    {
        var promtool = Programs.Find("promtool", "prometheus");
        await using var service = await RunningService.StartAsync();
        foreach (var words in new[] { 1, 40, 400 })
            _ = await service.PostAsync("/v1/classify", new { text = TinyModels.Text(new(words), words) });
        _ = await service.PostAsync("/v1/classify", new { text = "!" });
        _ = await service.PostAsync("/v1/documents", new { text = 7 });
        var metrics = (await service.GetAsync("/metrics")).Text;
        Assert.Contains("\nrmt_documents_finished_total{outcome=\"done\"} 3\n", metrics, StringComparison.Ordinal);
        Assert.Equal((0, ""), await CheckAsync(promtool, metrics));
        // It does look: a counter may not be called so.
        Assert.NotEqual((0, ""), await CheckAsync(promtool, metrics.Replace("rmt_segments_total", "rmt_segments", StringComparison.Ordinal)));
    }

    private static async Task<(int Code, string Said)> CheckAsync(string promtool, string metrics)
    {
        using var process = Process.Start(new ProcessStartInfo(promtool, ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = (process.StandardOutput.ReadToEndAsync(RunningService.Cancellation), process.StandardError.ReadToEndAsync(RunningService.Cancellation));
        await process.StandardInput.WriteAsync(metrics);
        process.StandardInput.Close();
        await process.WaitForExitAsync(RunningService.Cancellation);
        return (process.ExitCode, await said.Item1 + await said.Item2);
    }
}
