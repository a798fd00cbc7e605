namespace Rmt.Benchmarks.Service;

/// <summary>Documents of mixed lengths, so many that the service always has some that wait.</summary>
internal sealed class MixedLoad(ServiceProcess service, IEnumerator<string> texts)
{
    /// <summary>Documents that wait or are read.</summary>
    public const int Open = 64;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Sent so far.</summary>
    public int Sent { get; private set; }

    /// <summary>Keeps it busy for so long.</summary>
    /// <returns>What it counted at the end.</returns>
    public async Task<ServiceCounts> KeepAsync(TimeSpan time)
    {
        for (var end = DateTime.UtcNow + time; ;)
        {
            var counts = await service.CountsAsync();
            if (DateTime.UtcNow >= end)
                return counts;
            for (var unfinished = counts.Unfinished; unfinished < Open; unfinished++)
            {
                _ = texts.MoveNext();
                _ = await service.SendAsync(texts.Current);
                Sent++;
            }
            await Task.Delay(Interval);
        }
    }
}
