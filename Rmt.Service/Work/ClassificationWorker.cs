using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Rmt.Service;

/// <summary>When the host is up, loads the models, warms them up, and reads what the store has until it is told to end: then within a segment, with everything given back.</summary>
internal sealed class ClassificationWorker(IModelSource source, DocumentStore store, RmtClassifierOptions options, WorkState state, ServiceMetrics metrics,
    Systemd systemd, IHostApplicationLifetime lifetime, ILogger<ClassificationWorker> log) : BackgroundService
{
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(100), Often = TimeSpan.FromSeconds(1), Seldom = TimeSpan.FromSeconds(10);

    // libtorch is called from this thread alone; it has no business in the pool.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(() => Work(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    // However little patience the host has: a process that ends while this thread is inside libtorch takes its statics from under it and crashes.
    public override Task StopAsync(CancellationToken cancellationToken) => base.StopAsync(CancellationToken.None);

    private void Work(CancellationToken stoppingToken)
    {
        // The host stops its services one after the other, requests first; the worker does not wait for them.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        var stopping = end.Token;
        // A host that does not come up, its address taken, ends the process without waiting for anybody; who is inside libtorch then loses its statics and crashes.
        if (WaitHandle.WaitAny([stopping.WaitHandle, lifetime.ApplicationStarted.WaitHandle]) == 0)
            return;
        var models = new List<LoadedModel>();
        try
        {
            using var draining = stopping.Register(() =>
            {
                state.Drain();
                systemd.Tell("STOPPING=1");
            });
            var keeping = new StoreInsistence(log, systemd, stopping);
            foreach (var name in source.Names)
            {
                if (stopping.IsCancellationRequested)
                    return;
                models.Add(source.Load(name));
                if (stopping.IsCancellationRequested)
                    return;
                WarmUp(models[^1], keeping);
            }
            state.Ready([.. models.Select(Facts)]);
            systemd.Tell("READY=1");
            Loop(new(store, models, metrics, new(store, metrics, log), keeping), stopping);
        }
        catch (StoreUnavailableException error) when (stopping.IsCancellationRequested)
        {
            log.StoreUnavailable(error.Message);
        }
        catch (Exception error) when (Died(error))
        {
            lifetime.StopApplication();
        }
        finally
        {
            state.Drain();      // the loop may see the end before what was registered for it is called, which then is not any more
            foreach (var model in models)
                model.Dispose();
        }
    }

    private bool Died(Exception error)
    {
        state.Failure = error;
        log.WorkerDied(error);
        return true;
    }

    private void WarmUp(LoadedModel model, StoreInsistence keeping)
    {
        _ = keeping.Insist(() => store.Know(model.Hash, model.Name, model.Labels.Names, model.EverySegment));
        log.ModelReady(model.Name, model.Hash, model.WarmUp());
    }

    private ModelFacts Facts(LoadedModel model) => new(model.Name, model.Hash, model.Labels.Names, WireName.Of(model.Segmenter.Alignment), model.EverySegment,
        model.Segmenter.Layout.MemoryTokens, model.Segmenter.Layout.TokensPerSegment, options.Device, options.Dtype);

    private void Loop(WorkLoop loop, CancellationToken stopping)
    {
        var (often, seldom) = (Stopwatch.GetTimestamp(), 0L);
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                try
                {
                    if (seldom == 0 || Stopwatch.GetElapsedTime(often) > Often)
                    {
                        often = Stopwatch.GetTimestamp();
                        KeepHouse(loop, rarely: seldom == 0 || Stopwatch.GetElapsedTime(seldom) > Seldom);
                        seldom = seldom == 0 || Stopwatch.GetElapsedTime(seldom) > Seldom ? often : seldom;
                    }
                    if (!loop.Turn())
                        _ = WaitHandle.WaitAny([stopping.WaitHandle, ((IAsyncResult)store.Changed).AsyncWaitHandle], Idle);
                }
                catch (StoreUnavailableException error)
                {
                    log.StoreUnavailable(error.Message);
                    _ = stopping.WaitHandle.WaitOne(Often);
                }
            }
            log.Draining(loop.Held);
        }
        finally
        {
            PutDown(loop);
        }
    }

    // Where the store cannot be written, others see at the end of this process that nobody holds its documents.
    private void PutDown(WorkLoop loop)
    {
        try
        {
            loop.PutDown();
        }
        catch (StoreUnavailableException error)
        {
            log.StoreUnavailable(error.Message);
        }
    }

    private void KeepHouse(WorkLoop loop, bool rarely)
    {
        systemd.Tell("WATCHDOG=1");
        if (store.TakeFromTheDead() is > 0 and var taken)
        {
            metrics.Expired.Add(taken);
            log.TakenFromTheDead(taken);
        }
        if (loop.Held > 0)
            _ = store.Beat();
        if (!rarely)
            return;
        store.Tick();
        if (store.Expire(options.StreamIdle) is > 0 and var expired)
            log.StreamsExpired(expired);
        if (store.Purge(options.Retain) is > 0 and var purged)
            log.Purged(purged);
    }
}
