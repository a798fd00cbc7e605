using System.Diagnostics;

namespace Rmt.Benchmarks.Service;

/// <summary>Mixed lengths at the limit of the machine, for long: nothing may grow that a service would run out of, and nothing may fail.</summary>
internal static class ServiceSoak
{
    private const int Rows = 20;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public static async Task<bool> RunAsync(ServiceProcess service, IEnumerator<string> texts, TimeSpan time, Report report)
    {
        report.Say($"soak: {time.TotalMinutes} minutes");
        var (load, clock, samples) = (new MixedLoad(service, texts), Stopwatch.StartNew(), new List<SoakSample>());
        var reported = 0;
        var idle = (await service.CountsAsync()).Tensors;
        while (clock.Elapsed < time)
        {
            var counts = await load.KeepAsync(Interval);
            samples.Add(new((int)counts.Segments, clock.Elapsed.TotalSeconds, ProcessMemory.Resident(service.Id), counts.Tensors, ProcessMemory.Handles(service.Id)));
            if ((int)(Rows * (clock.Elapsed / time)) == reported)
                continue;
            reported = (int)(Rows * (clock.Elapsed / time));
            report.Add(
                ("measure", "soak"), ("seconds", clock.Elapsed.TotalSeconds), ("sent", load.Sent), ("answered", counts.Answered), ("segments", counts.Segments),
                ("segments_per_s", counts.Segments / clock.Elapsed.TotalSeconds), ("rows_of_a_step", counts.Rows / counts.Steps), ("resident_mb", samples[^1].Resident / 1e6),
                ("tensors", counts.Tensors), ("handles", samples[^1].Handles));
        }
        await service.CancelAllAsync();
        await service.IdleAsync();
        await Task.Delay(Interval);      // the worker lets go of what was cancelled with its next step
        var end = await service.CountsAsync();
        report.Say($"{end.Answered:N0} documents answered, {end.Segments:N0} segments, {end.Failed} dead letters, {service.Complaints} complaints in the log; live tensors without work {idle} before, {end.Tensors} after");
        return SoakJudgement.NothingGrew(samples, report) && end.Tensors == idle && end.Failed == 0 && service.Complaints == 0;
    }
}
