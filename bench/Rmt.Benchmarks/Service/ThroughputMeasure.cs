namespace Rmt.Benchmarks.Service;

/// <summary>Segments a second of documents of mixed lengths through the service, beside the same documents through its scheduler in process and full batches of full segments:
/// two processes with the same threads, of which one stands still while the other is measured.</summary>
internal sealed class ThroughputMeasure(ServiceProcess service, DocumentTexts texts, string model, Options options, Report report)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10), Turn = TimeSpan.FromSeconds(4);

    /// <param name="most">Lengths are log-uniform from 10 to so many tokens.</param>
    /// <returns>Medians of the pairs' ratios.</returns>
    public async Task<Throughput> RunAsync(int most)
    {
        report.Say($"throughput of documents of {DocumentTexts.Least} to {most:N0} tokens: {options.Pairs} × {6 * Turn.TotalSeconds} s");
        var load = new MixedLoad(service, texts.Mixed(most));
        _ = await load.KeepAsync(WarmUp);
        service.Pause();
        using var side = Side.Ours(options, SchedulerSide.Work, model, $"{most}");
        _ = Ask(side, "mixed", WarmUp);
        var pairs = new List<Throughput>();
        for (var pair = 0; pair < options.Pairs; pair++)
        {
            // There and back, so that a machine that grows slower or faster all the time does so for every one of the three.
            var (full, alone) = (Ask(side, "full", Turn), Ask(side, "mixed", Turn));
            service.Continue();
            var (from, until, served) = await ServeAsync(load);
            service.Pause();
            (alone, full) = (alone + Ask(side, "mixed", Turn), full + Ask(side, "full", Turn));
            pairs.Add(Throughput.Of(served, alone, full));
            Add(most, pairs[^1], (full, alone, served), from, until);
        }
        service.Continue();
        await service.CancelAllAsync();
        await service.IdleAsync();
        return Throughput.Median(pairs);
    }

    private static Speed Ask(Side side, string what, TimeSpan time) => side.Ask($"{what} {time.TotalSeconds}", words: 3) is [var segments, var seconds, var processor]
        ? new(segments, seconds, processor)
        : throw new InvalidOperationException($"{what} was not measured");

    // From the end of a step to the end of a step; the first stood still for a while.
    private async Task<(ServiceCounts From, ServiceCounts Until, Speed Speed)> ServeAsync(MixedLoad load)
    {
        _ = await service.NextStepAsync();
        var from = await service.NextStepAsync();
        var clock = new SpeedClock(service.Id);
        _ = await load.KeepAsync(2 * Turn);
        var until = await service.NextStepAsync();
        return (from, until, clock.Of(until.Segments - from.Segments));
    }

    private void Add(int most, Throughput pair, (Speed Full, Speed Alone, Speed Served) speed, ServiceCounts from, ServiceCounts until) => report.Add(
        ("lengths", $"{DocumentTexts.Least} … {most}"),
        ("full_segments_per_s", speed.Full.PerSecond), ("in_process_segments_per_s", speed.Alone.PerSecond), ("service_segments_per_s", speed.Served.PerSecond),
        ("overhead", pair.Overhead), ("processor_overhead", pair.ProcessorOverhead), ("of_full", pair.OfFull), ("processor_of_full", pair.ProcessorOfFull),
        ("in_process_processors", speed.Alone.Processors), ("service_processors", speed.Served.Processors),
        ("rows_of_a_step", (until.Rows - from.Rows) / (until.Steps - from.Steps)), ("model_share", (until.ModelSeconds - from.ModelSeconds) / speed.Served.Seconds),
        ("commit_share", (until.CommitSeconds - from.CommitSeconds) / speed.Served.Seconds), ("answered", until.Answered - from.Answered));
}
