using Rmt.Loaders;

namespace Rmt.Benchmarks.Service;

/// <summary>The service as a process of its own, over HTTP: what it costs, how long a short document waits, how well mixed lengths fill it; or, with --minutes, whether anything grows.</summary>
internal sealed class ServiceBenchmark : IBenchmark
{
    private const int Middling = 5000, Longest = 200_000;
    private const double MostOverhead = 0.05, LeastOfFull = 0.9;

    public string Name => "service";

    public string Description => "rmt serve beside its scheduler in process: overhead (goal: ≤ 5 %), wait behind long documents (≤ 3 steps), mixed lengths (≥ 90 %); --minutes: soak";

    public bool OnlyWhenNamed => true;

    public bool Run(Options options, Report report)
    {
        var model = options.Model ?? Path.Combine(AppContext.BaseDirectory, "models", "default");
        var texts = Texts(model);
        return (options.Minutes is { } minutes ? SoakAsync(model, texts, options, minutes, report) : MeasureAsync(model, texts, options, report)).GetAwaiter().GetResult();
    }

    private static DocumentTexts Texts(string model)
    {
        using var classifier = RmtCheckpoint.Load(model, HubCache.FromEnvironment());
        return new(classifier.Tokenizer);
    }

    private static async Task<bool> MeasureAsync(string model, DocumentTexts texts, Options options, Report report)
    {
        using var service = await ServiceProcess.StartAsync(model, options.Threads);
        var throughput = new ThroughputMeasure(service, texts, model, options, report);
        var middling = await throughput.RunAsync(Middling);
        report.Say($"overhead {middling.Overhead:P1} by the clock, {middling.ProcessorOverhead:P1} of processor time (goal: at most {MostOverhead:P0})");
        var longest = await throughput.RunAsync(Longest);
        report.Say($"mixed lengths {longest.OfFull:P1} of full batches by the clock, {longest.ProcessorOfFull:P1} by processor time (goal: {LeastOfFull:P0} or more)");
        var waits = await WaitMeasure.RunAsync(service, texts, report);
        return middling.Overhead <= MostOverhead && longest.OfFull >= LeastOfFull && waits;
    }

    private static async Task<bool> SoakAsync(string model, DocumentTexts texts, Options options, double minutes, Report report)
    {
        using var service = await ServiceProcess.StartAsync(model, options.Threads, "--retain", "2m");
        return await ServiceSoak.RunAsync(service, texts.Mixed(Longest), TimeSpan.FromMinutes(minutes), report);
    }
}
