using Rmt.Adapter;

namespace Rmt.Benchmarks.Service;

/// <summary>Segments a second of documents of mixed lengths through the service, beside the same documents through its scheduler in process and full batches of full segments, in
/// turns: each stands still while another is measured.</summary>
internal sealed class ThroughputMeasure(ServiceProcess service, DocumentClassifier classifier, DocumentTexts texts, Report report)
{
    private const int Least = 10, Seed = 8;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10), Turn = TimeSpan.FromSeconds(8);

    /// <param name="most">Lengths are log-uniform from 10 to so many tokens.</param>
    /// <param name="pairs">Turns.</param>
    /// <returns>Medians.</returns>
    public async Task<Throughput> RunAsync(int most, int pairs)
    {
        report.Say($"throughput of documents of {Least} to {most:N0} tokens: {pairs} × {3 * Turn.TotalSeconds} s");
        using var inProcess = new SchedulerInProcess(classifier, texts.Mixed(Least, most, Seed));
        var load = new MixedLoad(service, texts.Mixed(Least, most, Seed));
        _ = await load.KeepAsync(WarmUp);
        var turns = new List<Throughput>();
        for (var pair = 0; pair < pairs; pair++)
        {
            service.Pause();
            var full = SchedulerInProcess.FullBatches(classifier, Turn);
            var alone = inProcess.Read(Turn);
            service.Continue();
            var (from, until, speed) = await ServeAsync(load);
            turns.Add(new(alone.PerSecond / speed.PerSecond - 1, alone.PerProcessorSecond / speed.PerProcessorSecond - 1, speed.PerSecond / full.PerSecond, speed.PerProcessorSecond / full.PerProcessorSecond));
            report.Add(
                ("lengths", $"{Least} … {most}"), ("full_segments_per_s", full.PerSecond), ("in_process_segments_per_s", alone.PerSecond), ("service_segments_per_s", speed.PerSecond),
                ("overhead", turns[^1].Overhead), ("processor_overhead", turns[^1].ProcessorOverhead), ("of_full", turns[^1].OfFull), ("processor_of_full", turns[^1].ProcessorOfFull), ("rows_of_a_step", (until.Rows - from.Rows) / (until.Steps - from.Steps)), ("model_share", (until.ModelSeconds - from.ModelSeconds) / speed.Seconds),
                ("commit_share", (until.CommitSeconds - from.CommitSeconds) / speed.Seconds), ("answered", until.Answered - from.Answered));
        }
        await service.CancelAllAsync();
        await service.IdleAsync();
        return new(turns.Select(turn => turn.Overhead).Median(), turns.Select(turn => turn.ProcessorOverhead).Median(), turns.Select(turn => turn.OfFull).Median(), turns.Select(turn => turn.ProcessorOfFull).Median());
    }

    // From the end of a step to the end of a step; the first stood still for a while.
    private async Task<(ServiceCounts From, ServiceCounts Until, Speed Speed)> ServeAsync(MixedLoad load)
    {
        _ = await service.NextStepAsync();
        var from = await service.NextStepAsync();
        var clock = new SpeedClock(service.Id);
        _ = await load.KeepAsync(Turn);
        var until = await service.NextStepAsync();
        return (from, until, clock.Of(until.Segments - from.Segments));
    }
}

/// <summary>What the service is worth beside less.</summary>
/// <param name="Overhead">How much longer it takes than its scheduler in process, by the clock.</param>
/// <param name="ProcessorOverhead">The same in processor time of all threads, which other programs disturb less.</param>
/// <param name="OfFull">Its share of the segments a second of full batches.</param>
/// <param name="ProcessorOfFull">The same a second of processor time.</param>
internal sealed record Throughput(double Overhead, double ProcessorOverhead, double OfFull, double ProcessorOfFull);
