using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Rmt.Service;

/// <summary>The service's OpenAPI document, <c>/openapi/v1.json</c>.</summary>
internal static class ServiceDescription
{
    public const string Name = "v1";

    public static void Describe(OpenApiOptions options) => options.AddSchemaTransformer((schema, _, _) =>
    {
        // Hosts read numbers from strings unless told otherwise; these routes do not.
        if (schema.Type is { } type && (type & (JsonSchemaType.Integer | JsonSchemaType.Number)) != 0)
            (schema.Type, schema.Pattern) = (type & ~JsonSchemaType.String, null);
        return Task.CompletedTask;
    }).AddDocumentTransformer((document, _, _) =>
    {
        document.Info = new() { Title = "Rmt.Service", Version = Name, Description = "Documents of any length, classified segment by segment with memory between." };
        document.Servers = [];      // wherever it was asked
        document.Components ??= new();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "Where the service has keys; /health needs none." },
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
        foreach (var open in document.Paths.Where(path => path.Key.StartsWith("/health/", StringComparison.Ordinal)).SelectMany(path => path.Value.Operations!.Values))
            open.Security = [new OpenApiSecurityRequirement()];     // none
        return Task.CompletedTask;
    });
}
