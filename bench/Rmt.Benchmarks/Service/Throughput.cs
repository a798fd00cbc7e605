namespace Rmt.Benchmarks.Service;

/// <summary>What the service is worth beside less.</summary>
/// <param name="Overhead">How much longer it takes than its scheduler in process, by the clock.</param>
/// <param name="ProcessorOverhead">The same in processor time of all threads, which other programs disturb less.</param>
/// <param name="OfFull">Its share of the segments a second of full batches.</param>
/// <param name="ProcessorOfFull">The same a second of processor time.</param>
internal sealed record Throughput(double Overhead, double ProcessorOverhead, double OfFull, double ProcessorOfFull)
{
    /// <summary>Of one measurement each.</summary>
    public static Throughput Of(Speed service, Speed alone, Speed full) => new(
        alone.PerSecond / service.PerSecond - 1, alone.PerProcessorSecond / service.PerProcessorSecond - 1,
        service.PerSecond / full.PerSecond, service.PerProcessorSecond / full.PerProcessorSecond);

    /// <summary>The median of each.</summary>
    public static Throughput Median(IReadOnlyList<Throughput> pairs)
    {
        double Of(Func<Throughput, double> value) => pairs.Select(value).Median();
        return new(Of(pair => pair.Overhead), Of(pair => pair.ProcessorOverhead), Of(pair => pair.OfFull), Of(pair => pair.ProcessorOfFull));
    }
}
