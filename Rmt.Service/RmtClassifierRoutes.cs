using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Rmt.Service;

/// <summary>Maps the service's routes in a host.</summary>
public static class RmtClassifierRoutes
{
    /// <summary>Maps <c>/v1/…</c>, <c>/health/…</c>, <c>/metrics</c>, <c>/openapi/v1.json</c> and the page at <c>/</c>.</summary>
    /// <param name="routes">The host's, or a group of it.</param>
    /// <returns>The group, to put more around it: authorization of one's own, limits of rate.</returns>
    public static RouteGroupBuilder MapRmtClassifier(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        services.GetRequiredService<ServiceMetrics>().Observe(services.GetRequiredService<DocumentStore>(), services.GetRequiredService<WorkState>());
        _ = services.GetRequiredService<PrometheusText>();     // counts from now on
        var group = routes.MapGroup("");
        DocumentRoutes.Map(group);
        ClassifyRoute.Map(group);
        StreamRoutes.Map(group);
        OperationRoutes.Map(group);
        PageRoutes.Map(group);
        _ = group.MapOpenApi();
        ((IEndpointConventionBuilder)group).Finally(services.GetRequiredService<RequestGuard>().Around);
        return group;
    }
}
