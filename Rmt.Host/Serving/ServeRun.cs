using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rmt.Host.Reading;
using Rmt.Loaders;
using Rmt.Service;

namespace Rmt.Host.Serving;

/// <summary>The service in a host of its own, until a signal, or until its worker is gone.</summary>
/// <param name="settings">What the command line says, by the keys of the configuration: over appsettings.json and the environment.</param>
internal sealed class ServeRun(IReadOnlyDictionary<string, string?> settings, Terminal terminal, CancellationToken cancellation)
{
    // For requests that are being answered. The worker is waited for whatever its step takes.
    private static readonly TimeSpan Draining = TimeSpan.FromSeconds(10);

    /// <exception cref="UsageException">A setting is out of its range, or an address open to others has no keys.</exception>
    /// <exception cref="LoadException">A model cannot be loaded.</exception>
    /// <exception cref="ServiceDiedException">The worker is gone for good.</exception>
    public async Task RunAsync()
    {
        await using var app = Build();
        var health = app.Services.GetRequiredService<RmtClassifierHealth>();
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            app.Lifetime.StopApplication();
        });
        await using var ctrlC = cancellation.Register(app.Lifetime.StopApplication);
        await StartAsync(app);
        foreach (var url in app.Urls)
            terminal.Error.WriteLine($"rmt: listening on {url}");
        await app.WaitForShutdownAsync(CancellationToken.None);
        if (health.Failure is { } failure)
            throw failure as LoadException ?? (Exception)new ServiceDiedException(failure);
    }

    // Of an address in use the server says which; of others it does not.
    private static async Task StartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync(CancellationToken.None);
        }
        catch (SocketException error)
        {
            throw new IOException($"{string.Join(';', Address.All(app.Configuration))} cannot be listened on: {error.Message}; --urls names another address", error);
        }
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        _ = builder.WebHost.UseKestrelHttpsConfiguration();
        _ = builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        _ = builder.Configuration.AddInMemoryCollection(settings);
        if (Address.All(builder.Configuration).Count == 0)
            _ = builder.WebHost.UseUrls(Address.Default);
        ConfigureLogging(builder.Logging);
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, NoLifetime>());
        _ = builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = Draining);
        _ = builder.Services.AddProblemDetails();
        _ = builder.Services.AddRmtClassifier(options =>
        {
            if (options.Models.Count == 0 && Directory.Exists(Models.Embedded))
                options.Models.Add(new() { Name = "default", Path = Models.Embedded });
        });
        var app = builder.Build();
        RequireKeysForOthers(app, Settings(app));
        _ = app.UseExceptionHandler().UseStatusCodePages();
        _ = app.MapRmtClassifier();
        return app;
    }

    private static RmtClassifierOptions Settings(WebApplication app)
    {
        try
        {
            return app.Services.GetRequiredService<IOptions<RmtClassifierOptions>>().Value;
        }
        catch (OptionsValidationException error)
        {
            throw new UsageException(string.Join(" ", error.Failures));
        }
        catch (InvalidOperationException error)
        {
            throw new UsageException($"a setting cannot be read: {error.Message} A time is written as days.hours:minutes:seconds, such as 7.00:00:00.");
        }
    }

    private static void RequireKeysForOthers(WebApplication app, RmtClassifierOptions options)
    {
        var others = Address.All(app.Configuration).Where(url => !Address.IsLoopback(url)).ToList();
        if (options.Keys.Count == 0 && options.KeysFile is null && others is [var open, ..])
            throw new UsageException($"--urls {open} can be reached by other machines, and no keys are set: name a file with --keys FILE, or listen on {Address.Default}.");
    }

    private void ConfigureLogging(ILoggingBuilder logging)
    {
        _ = logging.ClearProviders();
        _ = logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.Hosting", LogLevel.Warning);
        // That it did not start is said once, by the exit: in a line.
        _ = logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical);
        if (terminal.ErrorIsTerminal)
            _ = logging.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss "));
        else
            _ = logging.AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
        _ = logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    // Signals are ours: a second Ctrl-C ends the process.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
