using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;

namespace Rmt.Service;

/// <summary>What the description of the service says of a route beside its answers.</summary>
internal static class RouteNotes
{
    private const string Form = "multipart/form-data", Plain = "text/plain";

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
        operation.RequestBody = new OpenApiRequestBody { Required = true, Content = types.ToDictionary(type => type, type => new OpenApiMediaType { Schema = type == Plain ? new OpenApiSchema { Type = JsonSchemaType.String } : schema }) };
    });

    /// <summary>That it takes a document: as JSON, as plain text with the rest in the query, or as a form with a file.</summary>
    public static RouteHandlerBuilder TakesDocument(this RouteHandlerBuilder route) => route.Takes<DocumentRequest>("application/json", Plain, Form).AddOpenApiOperationTransformer((operation, _, _) =>
    {
        // What stands beside the text: the same in the query of plain text as in a form.
        var beside = new Dictionary<string, (JsonSchemaType Type, string Says)>
        {
            ["id"] = (JsonSchemaType.String, "the sender's own"),
            ["model"] = (JsonSchemaType.String, "one of /v1/models"),
            ["max_tokens"] = (JsonSchemaType.Integer, "read at most so many"),
            ["truncate"] = (JsonSchemaType.String, "head or head_tail"),
        };
        foreach (var (name, (type, says)) in beside)
            Add(operation, name, ParameterLocation.Query, $"With text/plain: {says}.", type);
        var form = beside.ToDictionary(one => one.Key, IOpenApiSchema (one) => new OpenApiSchema { Type = one.Value.Type });
        form["file"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" };
        operation.RequestBody!.Content![Form].Schema = new OpenApiSchema { Type = JsonSchemaType.Object, Properties = form, Required = new HashSet<string> { "file" } };
        return Task.CompletedTask;
    });

    /// <summary>That it reads a header.</summary>
    public static RouteHandlerBuilder Hears(this RouteHandlerBuilder route, string header, string says) => route.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        Add(operation, header, ParameterLocation.Header, says, JsonSchemaType.String);
        return Task.CompletedTask;
    });

    private static void Add(OpenApiOperation operation, string name, ParameterLocation where, string says, JsonSchemaType type) =>
        (operation.Parameters ??= []).Add(new OpenApiParameter { Name = name, In = where, Description = says, Schema = new OpenApiSchema { Type = type } });
}
