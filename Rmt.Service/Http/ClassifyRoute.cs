using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Rmt.Service;

/// <summary><c>POST /v1/classify</c>: a document in the queue, and its answer if it comes soon.</summary>
internal static class ClassifyRoute
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/classify", PostAsync).WithSummary("Puts a document into the queue and waits for its answer; past the limit it says where the answer will be.")
            .TakesDocument().Hears("Idempotency-Key", "The same key gives the same document again; another body under it is refused.")
            .Produces<DocumentAnswer>().Produces<AcceptedAnswer>(StatusCodes.Status202Accepted).Problems(400, 401, 408, 409, 413, 415, 422, 429, 503);

    private static async Task<IResult> PostAsync(HttpContext context, [FromServices] DocumentBody body, [FromServices] DocumentStore store, [FromServices] RmtClassifierOptions options,
        [FromServices] ServiceMetrics metrics, [FromServices] LinkGenerator links, [FromServices] TimeProvider time, [FromServices] IHostApplicationLifetime lifetime)
    {
        var accepted = store.Accept([await body.ReadAsync(context)])[0];
        var id = Answers.Require(accepted);
        metrics.Accepted.Add(accepted.Acceptance == Acceptance.Accepted ? 1 : 0);
        var begun = time.GetTimestamp();
        while (true)
        {
            var changed = store.Changed;
            var now = store.Find(id) ?? throw RequestException.NotFound("document", id);
            if (now.Status == DocumentStatus.Failed)
                throw RequestException.Unprocessable("failed", $"document '{id}' cannot be classified: {now.Error}");
            if (now.IsFinished)
                return Answers.Json(Answers.Of(now));
            if (time.GetElapsedTime(begun) > options.ClassifyWait || lifetime.ApplicationStopping.IsCancellationRequested)
                return Answers.Accepted(context, links, Answers.DocumentRoute, id, new AcceptedAnswer(id, WireName.Of(now.Status)));
            _ = await Task.WhenAny(changed, Task.Delay(Look, time, context.RequestAborted));
            context.RequestAborted.ThrowIfCancellationRequested();
        }
    }
}
