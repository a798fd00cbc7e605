namespace Rmt.Benchmarks.Service;

/// <summary>Segments a second of documents of mixed lengths through the service, beside the same documents through its scheduler in process and full batches of full segments:
/// two processes with the same threads, of which one stands still while the other is measured.</summary>
internal sealed class ThroughputMeasure(ServiceProcess service, DocumentTexts texts, string model, Options options, Report report)
{
    // A processor's speed changes within seconds, by half and more, and in processor time as by the clock: all three have to be measured within one of them, many times over.
    private const int Slices = 4;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10), Slice = TimeSpan.FromSeconds(2);

    /// <param name="most">Lengths are log-uniform from 10 to so many tokens.</param>
    /// <returns>Medians of the pairs' ratios.</returns>
    public async Task<Throughput> RunAsync(int most)
    {
        report.Say($"throughput of documents of {DocumentTexts.Least} to {most:N0} tokens: {options.Pairs} × {3 * Slices * Slice.TotalSeconds} s");
        var load = new MixedLoad(service, texts.Mixed(most));
        _ = await load.KeepAsync(WarmUp);
        await AddSharesAsync(most, load);
        service.Pause();
        using var side = Side.Ours(options, SchedulerSide.Work, model, $"{most}");
        _ = Ask(side, "mixed", WarmUp);
        var pairs = new List<Throughput>();
        for (var pair = 0; pair < options.Pairs; pair++)
            pairs.Add(await PairAsync(most, load, side));
        service.Continue();
        await service.CancelAllAsync();
        await service.IdleAsync();
        return Throughput.Median(pairs);
    }

    // There and back, again and again, so that a machine that grows slower or faster does so for every one of the three.
    private async Task<Throughput> PairAsync(int most, MixedLoad load, Side side)
    {
        var (full, alone) = (new Speed(), new Speed());
        var turn = await ServiceTurn.BeginAsync(service);
        for (var slice = 0; slice < Slices; slice++)
        {
            var isBack = slice % 2 == 1;
            if (isBack)
                await turn.GoOnAsync(load, Slice);
            else
                full += Ask(side, "full", Slice);
            alone += Ask(side, "mixed", Slice);
            if (isBack)
                full += Ask(side, "full", Slice);
            else
                await turn.GoOnAsync(load, Slice);
        }
        var (served, rows) = await turn.EndAsync();
        var pair = Throughput.Of(served, alone, full);
        report.Add(
            ("lengths", Range(most)),
            ("full_segments_per_s", full.PerSecond), ("in_process_segments_per_s", alone.PerSecond), ("service_segments_per_s", served.PerSecond),
            ("overhead", pair.Overhead), ("processor_overhead", pair.ProcessorOverhead), ("of_full", pair.OfFull), ("processor_of_full", pair.ProcessorOfFull),
            ("in_process_processors", alone.Processors), ("service_processors", served.Processors), ("rows_of_a_step", rows));
        return pair;
    }

    private static Speed Ask(Side side, string what, TimeSpan time) => side.Ask($"{what} {time.TotalSeconds}", words: 3) is [var segments, var seconds, var processor]
        ? new(segments, seconds, processor)
        : throw new InvalidOperationException($"{what} was not measured");

    // By the worker's own watch, which does not know when the process stands still: so while it does not.
    private async Task AddSharesAsync(int most, MixedLoad load)
    {
        var from = await service.NextStepAsync();
        var clock = new SpeedClock(service.Id);
        _ = await load.KeepAsync(Slices * Slice);
        var until = await service.NextStepAsync();
        var seconds = clock.Elapsed.TotalSeconds;
        report.Add(
            ("measure", "worker"), ("lengths", Range(most)), ("model_share", (until.ModelSeconds - from.ModelSeconds) / seconds),
            ("commit_share", (until.CommitSeconds - from.CommitSeconds) / seconds), ("answered", until.Answered - from.Answered));
    }

    private static string Range(int most) => $"{DocumentTexts.Least} … {most}";
}
