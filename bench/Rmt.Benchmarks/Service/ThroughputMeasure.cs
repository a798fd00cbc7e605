using System.Diagnostics;
using Rmt.Adapter;

namespace Rmt.Benchmarks.Service;

/// <summary>Segments a second of documents of mixed lengths through the service, beside the same documents through its scheduler in process and full batches of full segments, in
/// turns: each stands still while another is measured.</summary>
internal sealed class ThroughputMeasure(ServiceProcess service, DocumentClassifier classifier, DocumentTexts texts, Report report)
{
    private const int Least = 10, Seed = 8;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10), Turn = TimeSpan.FromSeconds(20);

    /// <param name="most">Lengths are log-uniform from 10 to so many tokens.</param>
    /// <param name="pairs">Turns.</param>
    /// <returns>Medians: how much longer the service takes than its scheduler in process, and its share of full batches.</returns>
    public async Task<(double Overhead, double OfFull)> RunAsync(int most, int pairs)
    {
        report.Say($"throughput of documents of {Least} to {most:N0} tokens: {pairs} × {3 * Turn.TotalSeconds} s");
        using var inProcess = new SchedulerInProcess(classifier, texts.Mixed(Least, most, Seed));
        var load = new MixedLoad(service, texts.Mixed(Least, most, Seed));
        _ = await load.KeepAsync(WarmUp);
        var (overheads, shares) = (new List<double>(), new List<double>());
        for (var pair = 0; pair < pairs; pair++)
        {
            service.Pause();
            var full = SchedulerInProcess.FullBatches(classifier, Turn);
            var alone = inProcess.Read(Turn);
            service.Continue();
            var (from, until, seconds) = await ServeAsync(load);
            var served = (until.Segments - from.Segments) / seconds;
            overheads.Add(alone / served - 1);
            shares.Add(served / full);
            report.Add(
                ("lengths", $"{Least} … {most}"), ("full_segments_per_s", full), ("in_process_segments_per_s", alone), ("service_segments_per_s", served), ("overhead", overheads[^1]),
                ("of_full", shares[^1]), ("rows_of_a_step", (until.Rows - from.Rows) / (until.Steps - from.Steps)), ("model_share", (until.ModelSeconds - from.ModelSeconds) / seconds),
                ("commit_share", (until.CommitSeconds - from.CommitSeconds) / seconds), ("answered", until.Answered - from.Answered));
        }
        await service.CancelAllAsync();
        await service.IdleAsync();
        return (overheads.Median(), shares.Median());
    }

    // From the end of a step to the end of a step; the first stood still for a while.
    private async Task<(ServiceCounts From, ServiceCounts Until, double Seconds)> ServeAsync(MixedLoad load)
    {
        _ = await service.NextStepAsync();
        var from = await service.NextStepAsync();
        var clock = Stopwatch.StartNew();
        _ = await load.KeepAsync(Turn);
        var until = await service.NextStepAsync();
        return (from, until, clock.Elapsed.TotalSeconds);
    }
}
