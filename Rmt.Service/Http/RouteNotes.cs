using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;

namespace Rmt.Service;

/// <summary>What the description of the service says of a route beside its answers.</summary>
internal static class RouteNotes
{
    /// <summary>Which problems it answers with.</summary>
    public static RouteHandlerBuilder Problems(this RouteHandlerBuilder route, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
            _ = route.ProducesProblem(status);
        return route;
    }

    /// <summary>What its body is. Only told: a route that says it with Accepts is answered by routing, with a 415 that says nothing.</summary>
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder route, params string[] types) => route.AddOpenApiOperationTransformer(async (operation, context, cancellation) =>
    {
        var schema = await context.GetOrCreateSchemaAsync(typeof(T), null, cancellation);
        operation.RequestBody = new OpenApiRequestBody { Required = true, Content = types.ToDictionary(type => type, type => new OpenApiMediaType { Schema = type == "text/plain" ? new OpenApiSchema { Type = JsonSchemaType.String } : schema }) };
    });
}
