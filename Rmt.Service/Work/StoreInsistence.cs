using Microsoft.Extensions.Logging;

namespace Rmt.Service;

/// <summary>What was done is worth keeping, and what is held must not be forgotten: as long as the store cannot be written, the worker waits.</summary>
/// <param name="log">Where it says so.</param>
/// <param name="systemd">Is told meanwhile that this process lives: a start anew would make no room. Null: nobody.</param>
/// <param name="stopping">Ends waiting.</param>
internal sealed class StoreInsistence(ILogger log, Systemd? systemd = null, CancellationToken stopping = default)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Writes, as often as it takes.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be written, and the worker is to end.</exception>
    public T Insist<T>(Func<T> write)
    {
        while (true)
        {
            try
            {
                return write();
            }
            catch (StoreUnavailableException error) when (!stopping.IsCancellationRequested)
            {
                log.StoreUnavailable(error.Message);
                systemd?.Tell("WATCHDOG=1");
                _ = stopping.WaitHandle.WaitOne(Pause);
            }
        }
    }
}
