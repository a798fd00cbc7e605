using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rmt.Service;

/// <summary>Adds the service to a host.</summary>
public static class RmtClassifierServices
{
    /// <summary>Adds the store, the worker and what the routes need. Configuration is the section <c>Rmt</c>; options are checked when the host starts.</summary>
    /// <param name="services">The host's.</param>
    /// <param name="configure">Sets options over the configuration's.</param>
    public static IServiceCollection AddRmtClassifier(this IServiceCollection services, Action<RmtClassifierOptions>? configure = null)
    {
        var options = services.AddOptions<RmtClassifierOptions>().BindConfiguration(OptionsCheck.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RmtClassifierOptions>, OptionsCheck>());
        if (configure is not null)
            _ = options.Configure(configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IModelSource, SavedModels>();
        _ = services.AddSingleton(provider => provider.GetRequiredService<IOptions<RmtClassifierOptions>>().Value);
        _ = services.AddSingleton(provider => new RmtClassifierHealth(provider.GetRequiredService<WorkState>()));
        _ = services.AddSingleton(provider => AccessKeys.Of(provider.GetRequiredService<RmtClassifierOptions>()));
        _ = services.AddSingleton(provider => DocumentStore.Open(Store(provider.GetRequiredService<RmtClassifierOptions>()), provider.GetRequiredService<TimeProvider>()));
        _ = services.AddSingleton(provider => new Systemd(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), provider.GetRequiredService<ILogger<Systemd>>()));
        _ = services.AddSingleton<WorkState>().AddSingleton<ServiceMetrics>().AddSingleton<PrometheusText>().AddSingleton<DocumentBody>().AddSingleton<DocumentEvents>().AddSingleton<RequestGuard>();
        _ = services.AddHostedService<ClassificationWorker>();
        _ = services.AddHostedService<FolderIntake>();
        _ = services.AddOpenApi(ServiceDescription.Name, ServiceDescription.Describe);
        return services;
    }

    private static StoreOptions Store(RmtClassifierOptions options) => new(options.Store, options.StoreLimitBytes, options.MaxQueued, options.MaxAttempts, options.LeaseTime);
}
