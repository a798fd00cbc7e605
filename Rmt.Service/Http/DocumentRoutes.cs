using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Rmt.Service;

/// <summary><c>/v1/documents</c>: in, out, and away.</summary>
internal static class DocumentRoutes
{
    private const int Page = 50, MostOfPage = 1000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        _ = routes.MapPost("/v1/documents", PostAsync).WithSummary("Puts a document into the queue. Text, or a form with a file, takes id, model, max_tokens and truncate from the query, or the form.")
            .TakesDocument().Hears("Idempotency-Key", "The same key gives the same document again; another body under it is refused.")
            .Produces<AcceptedAnswer>(StatusCodes.Status202Accepted).Problems(400, 401, 408, 409, 413, 415, 422, 429, 503);
        _ = routes.MapPost("/v1/documents:batch", BatchAsync).WithSummary("Puts documents into the queue, one a line of JSON. A bad line is told by its number; the others are taken.")
            .Takes<DocumentRequest>("application/jsonl", "application/x-ndjson", "application/json", "text/plain").Hears("Idempotency-Key", "Of the whole batch: a line sent again under it is the same document.")
            .Produces<BatchAnswer>(StatusCodes.Status202Accepted).Problems(400, 401, 408, 413, 429, 503);
        _ = routes.MapGet("/v1/documents", List).WithSummary("Documents in the order they came; with order=newest, the last first.").Produces<DocumentList>().Problems(400, 401, 503);
        _ = routes.MapGet("/v1/documents/{id}", Get).WithName(Answers.DocumentRoute).WithSummary("A document, without its text.").Produces<DocumentAnswer>().Problems(401, 404, 503);
        _ = routes.MapDelete("/v1/documents/{id}", Delete).WithSummary("Cancels a document that is not finished, erases one that is.")
            .Produces<DocumentAnswer>().Produces(StatusCodes.Status204NoContent).Problems(401, 404, 503);
        _ = routes.MapGet("/v1/documents/{id}/events", EventsAsync).WithSummary("Server-sent events: what the model says after each segment, and the document at its end. Last-Event-ID goes on behind an event.")
            .Produces<SegmentEvent>(StatusCodes.Status200OK, "text/event-stream").Hears("Last-Event-ID", "Goes on behind this event.").Problems(401, 404, 503);
    }

    private static async Task<IResult> PostAsync(HttpContext context, [FromServices] DocumentBody body, [FromServices] DocumentStore store, [FromServices] ServiceMetrics metrics, [FromServices] LinkGenerator links)
    {
        var accepted = store.Accept([await body.ReadAsync(context)])[0];
        var id = Answers.Require(accepted);
        metrics.Accepted.Add(accepted.Acceptance == Acceptance.Accepted ? 1 : 0);
        return Answers.Accepted(context, links, Answers.DocumentRoute, id, new AcceptedAnswer(id, Status(store, accepted)));
    }

    private static string Status(DocumentStore store, AcceptedDocument accepted) =>
        WireName.Of(accepted.Acceptance == Acceptance.Accepted ? DocumentStatus.Queued : store.Find(accepted.Id)?.Status ?? DocumentStatus.Cancelled);

    private static async Task<IResult> BatchAsync(HttpContext context, [FromServices] DocumentBody body, [FromServices] RmtClassifierOptions options, [FromServices] DocumentStore store, [FromServices] ServiceMetrics metrics)
    {
        DocumentBody.RefuseOthers(context.Request.Query.Keys, [], "the query");
        var bytes = await body.BytesAsync(context, options.MaxBodyBytes);
        var lines = new List<BatchLine>();
        var documents = new List<(int Line, NewDocument Document)>();
        var number = 0;
        foreach (var range in bytes.AsSpan().Split((byte)'\n'))
        {
            number++;
            var line = bytes.AsSpan(range).Trim(" \t\r"u8);
            if (line.IsEmpty)
                continue;
            try
            {
                documents.Add((number, body.Document(DocumentBody.Parse(line), context, $"{number}")));
            }
            catch (RequestException error)
            {
                lines.Add(new(number, null, null, error.Message));
            }
        }
        if (lines.Count + documents.Count == 0)
            throw RequestException.Bad("the body holds no line; expected is a document of JSON on each.");
        var accepted = store.Accept([.. documents.Select(document => document.Document)]);
        lines.AddRange(documents.Zip(accepted, (document, answer) => Line(document.Line, answer, store)));
        lines.Sort((a, b) => a.Line.CompareTo(b.Line));
        var taken = lines.Count(line => line.Id is not null);
        if (taken == 0 && accepted.Any(answer => answer.Acceptance == Acceptance.QueueFull))
            throw RequestException.QueueFull();
        metrics.Accepted.Add(accepted.Count(answer => answer.Acceptance == Acceptance.Accepted));
        return Answers.Json(new BatchAnswer(taken, lines.Count - taken, lines), StatusCodes.Status202Accepted);
    }

    private static BatchLine Line(int line, AcceptedDocument accepted, DocumentStore store)
    {
        try
        {
            return new(line, Answers.Require(accepted), Status(store, accepted), null);
        }
        catch (RequestException error)
        {
            return new(line, null, null, error.Message);
        }
    }

    private static IResult List(HttpRequest asked, [FromServices] DocumentStore store, string? status, string? limit, string? after, string? order)
    {
        DocumentBody.RefuseOthers(asked.Query.Keys, ["status", "limit", "after", "order"], "the query");
        var newest = order switch
        {
            null or "oldest" => false,
            "newest" => true,
            _ => throw RequestException.Bad($"order is '{order}'; it must be oldest or newest."),
        };
        var only = status is null ? (DocumentStatus?)null
            : Enum.GetValues<DocumentStatus>().Select(value => (DocumentStatus?)value).FirstOrDefault(value => WireName.Of(value!.Value) == status)
            ?? throw RequestException.Bad($"status is '{status}'; it must be queued, running, done, failed or cancelled.");
        return Answers.Json(Listed(store, only, limit, after, newest));
    }

    /// <summary>A page of documents.</summary>
    public static DocumentList Listed(DocumentStore store, DocumentStatus? status, string? limit, string? after, bool newest = false)
    {
        var most = Answers.Number(limit, "limit", Page, MostOfPage);
        var from = after is null ? newest ? long.MaxValue : 0 : Place(store, after);
        var page = store.List(status, from, most + 1, newest);
        return new([.. page.Take(most).Select(Answers.Of)], page.Count > most ? string.Create(CultureInfo.InvariantCulture, $"{PlaceMark}{page[most - 1].Seq}") : null);
    }

    // A place in the order, or a document: of one that was erased since nobody knows where it was. No id has this mark in it.
    private const char PlaceMark = '~';

    private static long Place(DocumentStore store, string after) =>
        after is [PlaceMark, ..] && long.TryParse(after.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq
            : store.Find(after)?.Seq ?? throw RequestException.NotFound("document", after);

    private static IResult Get(string id, [FromServices] DocumentStore store) => Answers.Json(Answers.Of(store.Find(id) ?? throw RequestException.NotFound("document", id)));

    private static IResult Delete(string id, [FromServices] DocumentStore store)
    {
        var (found, now) = store.Remove(id);
        if (!found)
            throw RequestException.NotFound("document", id);
        return now is null ? Results.NoContent() : Answers.Json(Answers.Of(now));
    }

    private static Task EventsAsync(string id, HttpContext context, [FromServices] DocumentEvents events) => events.WriteAsync(context, id, DocumentKind.Document);
}
