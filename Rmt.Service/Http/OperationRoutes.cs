using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Rmt.Service;

/// <summary>Models, dead letters, health and metrics.</summary>
internal static class OperationRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        _ = routes.MapGet("/v1/models", Models).WithSummary("The models of this service; the first is the default.").Produces<ModelList>().Problems(401);
        _ = routes.MapGet("/v1/dead-letters", DeadLetters).WithSummary("Documents that failed.").Produces<DocumentList>().Problems(400, 401, 503);
        _ = routes.MapPost("/v1/dead-letters/{id}/requeue", Requeue).WithSummary("Sends a dead letter back to the queue, from its beginning.").Produces<AcceptedAnswer>(StatusCodes.Status202Accepted).Problems(401, 404, 409, 503);
        _ = routes.MapGet("/health/live", () => Answers.Json(new HealthAnswer("live"))).WithMetadata(new RequestGuard.Open()).WithSummary("Whether the process lives.").Produces<HealthAnswer>();
        _ = routes.MapGet("/health/ready", Ready).WithMetadata(new RequestGuard.Open()).WithSummary("Whether models are warm, the store can be written and nothing ends.")
            .Produces<HealthAnswer>().Produces<HealthAnswer>(StatusCodes.Status503ServiceUnavailable);
        // Who only looks whether there is an answer asks so.
        _ = routes.MapMethods("/health/live", [HttpMethods.Head], () => Results.Ok()).WithMetadata(new RequestGuard.Open()).ExcludeFromDescription();
        _ = routes.MapMethods("/health/ready", [HttpMethods.Head], Ready).WithMetadata(new RequestGuard.Open()).ExcludeFromDescription();
        _ = routes.MapGet("/metrics", ([FromServices] PrometheusText metrics) => Results.Text(metrics.Render(), PrometheusText.ContentType)).WithSummary("Prometheus, text format 0.0.4.").Produces<string>(StatusCodes.Status200OK, "text/plain").Problems(401);
    }

    private static IResult Models([FromServices] WorkState state, [FromServices] IModelSource source) =>
        Answers.Json(new ModelList([.. source.Names.Select(name => state.Models.FirstOrDefault(model => model.Name == name) is { } model ? Of(model) : new ModelAnswer { Name = name, Loaded = false })]));

    private static ModelAnswer Of(ModelFacts model) => new()
    {
        Name = model.Name,
        Loaded = true,
        Hash = model.Hash,
        Labels = model.Labels,
        Alignment = model.Alignment,
        TrainedOnEverySegment = model.EverySegment,
        MemoryTokens = model.MemoryTokens,
        TokensPerSegment = model.TokensPerSegment,
        Device = model.Device,
        Dtype = model.Dtype,
    };

    private static IResult DeadLetters(HttpRequest asked, [FromServices] DocumentStore store, string? limit, string? after)
    {
        DocumentBody.RefuseOthers(asked.Query.Keys, ["limit", "after"], "the query");
        return Answers.Json(DocumentRoutes.Listed(store, DocumentStatus.Failed, limit, after));
    }

    private static IResult Requeue(string id, HttpContext context, [FromServices] DocumentStore store, [FromServices] LinkGenerator links)
    {
        if (store.Requeue(id))
            return Answers.Accepted(context, links, Answers.DocumentRoute, id, new AcceptedAnswer(id, WireName.Of(DocumentStatus.Queued)));
        var now = store.Find(id) ?? throw RequestException.NotFound("document", id);
        throw RequestException.Conflict("no-dead-letter", $"document '{id}' is {WireName.Of(now.Status)}; only a failed one can be requeued.");
    }

    private static IResult Ready([FromServices] WorkState state, [FromServices] DocumentStore store)
    {
        var checks = new Dictionary<string, bool> { ["models"] = state.Models.Count > 0, ["store"] = store.IsWritable(), ["running"] = !state.IsDraining && state.Failure is null };
        var ready = checks.Values.All(check => check);
        return Answers.Json(new HealthAnswer(ready ? "ready" : "not ready", checks), ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
