using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Rmt.Service.Tests.Doubles;
using Rmt.Testing;

namespace Rmt.Service.Tests.Work;

/// <summary>When models are loaded, and when no more.</summary>
public sealed class ClassificationWorkerTests
{
    // rmt serve on a port in use crashed in nine of 60 starts: the process ended while the worker loaded its model, and libtorch's statics were destroyed under it.
    [Fact]
    public async Task A_host_that_does_not_come_up_loads_no_model()
    {
        using var folder = new TempFolder();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var models = new TinyModels();
        Task work;
        await using (var app = RunningService.Build(folder["rmt.db"], models, url: $"http://{other.LocalEndpoint}"))
        {
            _ = await Assert.ThrowsAsync<IOException>(() => app.StartAsync(RunningService.Cancellation));
            work = app.Services.GetServices<IHostedService>().OfType<ClassificationWorker>().Single().ExecuteTask!;
        }
        _ = await Task.WhenAny(work).WaitAsync(RunningService.Cancellation);
        Assert.Empty(models.Loaded);
    }

    // A process that ends while a thread is inside libtorch crashes, so that the host's patience is no measure.
    [Fact]
    public async Task A_host_that_has_no_patience_waits_for_the_thread_that_loads_all_the_same()
    {
        var models = new TinyModels { IsHeld = true };
        await using var service = await RunningService.StartAsync(models: models);
        await models.Asked.WaitAsync(RunningService.Cancellation);
        var worker = service.Services.GetServices<IHostedService>().OfType<ClassificationWorker>().Single();
        var end = worker.StopAsync(new CancellationToken(canceled: true));
        await Task.Delay(200, RunningService.Cancellation);
        Assert.False(end.IsCompleted);
        models.Release();
        await end;
        Assert.True(worker.ExecuteTask!.IsCompletedSuccessfully);
    }

    // Hosts end their services one after the other, and requests may take long to end.
    [Fact]
    public async Task The_worker_drains_as_soon_as_the_host_is_told_to_end()
    {
        await using var service = await (await RunningService.StartAsync()).ReadyAsync();
        service.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await service.Services.GetServices<IHostedService>().OfType<ClassificationWorker>().Single().ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(20), RunningService.Cancellation);
        Assert.True(service.State.IsDraining);
    }

    [Fact]
    public async Task Told_to_end_while_it_loads_a_model_it_loads_no_other()
    {
        var models = new TinyModels("one", "two") { IsHeld = true };
        await using var service = await RunningService.StartAsync(models: models);
        await models.Asked.WaitAsync(RunningService.Cancellation);
        var end = service.Services.GetRequiredService<IHost>().StopAsync(RunningService.Cancellation);
        while (!service.State.IsDraining)
            await Task.Delay(10, RunningService.Cancellation);
        Assert.False(end.IsCompleted);      // it waits for the thread that loads
        models.Release();
        await end;
        _ = Assert.Single(models.Loaded);
        Assert.False(service.State.IsReady);
        Assert.Null(service.State.Failure);
    }
}
