using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Rmt.Service;

/// <summary><c>/v1/streams</c>: a document that arrives in parts.</summary>
internal static class StreamRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        _ = routes.MapPost("/v1/streams", BeginAsync).WithSummary("Begins a document that arrives in parts. It is read from the left as they come.")
            .Takes<StreamRequest>("application/json").Hears("Idempotency-Key", "The same key gives the same stream again; another body under it is refused.").Produces<StreamAnswer>(StatusCodes.Status201Created).Problems(400, 401, 408, 409, 422, 429, 503);
        _ = routes.MapPut("/v1/streams/{id}/parts/{part:int}", PutAsync).WithSummary("The next part, UTF-8, cut anywhere. Parts are numbered from 0; the same part may be sent again.")
            .Takes<string>("text/plain", "application/octet-stream").Produces<PartAnswer>().Problems(400, 401, 404, 408, 409, 413, 429, 503);
        _ = routes.MapPost("/v1/streams/{id}/end", End).WithSummary("Says that no part comes any more.").Produces<StreamAnswer>(StatusCodes.Status202Accepted).Problems(401, 404, 409, 503);
        _ = routes.MapGet("/v1/streams/{id}", Get).WithName(Answers.StreamRoute).WithSummary("A stream and what the model says so far.").Produces<StreamAnswer>().Problems(401, 404, 503);
        _ = routes.MapDelete("/v1/streams/{id}", Delete).WithSummary("Cancels a stream that is not finished, erases one that is.").Produces<StreamAnswer>().Produces(StatusCodes.Status204NoContent).Problems(401, 404, 503);
        _ = routes.MapGet("/v1/streams/{id}/events", EventsAsync).WithSummary("Server-sent events, as of a document.").Produces<SegmentEvent>(StatusCodes.Status200OK, "text/event-stream").Hears("Last-Event-ID", "Goes on behind this event.").Problems(401, 404, 503);
    }

    private static async Task<IResult> BeginAsync(HttpContext context, [FromServices] DocumentBody body, [FromServices] RmtClassifierOptions options, [FromServices] DocumentStore store, [FromServices] WorkState state,
        [FromServices] LinkGenerator links)
    {
        DocumentBody.RefuseOthers(context.Request.Query.Keys, [], "the query");
        var bytes = await body.BytesAsync(context, options.MaxPartBytes);
        var request = bytes.Length == 0 ? new() : RequestJson.Parse<StreamRequest>(bytes, "{}");
        if (request.Id is { } own)
            DocumentBody.RequireId(own);
        var id = Answers.Require(store.Begin(new()
        {
            Id = request.Id,
            Model = body.Model(request.Model),
            Text = [],
            TraceParent = System.Diagnostics.Activity.Current?.Id,
            Key = DocumentBody.Key(context),
            Fingerprint = SHA256.HashData(bytes),
        }));
        return Answers.Accepted(context, links, Answers.StreamRoute, id, Stream(id, store, state, options), StatusCodes.Status201Created);
    }

    private static async Task<IResult> PutAsync(string id, int part, HttpContext context, [FromServices] DocumentBody body, [FromServices] RmtClassifierOptions options, [FromServices] DocumentStore store)
    {
        if (part < 0)
            throw RequestException.Bad($"part is {part}; parts are numbered from 0.");
        var bytes = await body.BytesAsync(context, options.MaxPartBytes);
        var (acceptance, next) = store.AddPart(id, part, bytes);
        return acceptance switch
        {
            PartAcceptance.Accepted or PartAcceptance.Repeated => Answers.Json(new PartAnswer(id, part, bytes.Length, acceptance == PartAcceptance.Repeated ? part + 1 : next)),
            PartAcceptance.Different => throw RequestException.Conflict("part-differs", $"part {part} was sent before, with other bytes; the next is {next}."),
            PartAcceptance.Gap => throw RequestException.Conflict("part-missing", $"part {part} was sent, expected is {next}; send that first."),
            PartAcceptance.Closed => throw RequestException.Conflict("stream-closed", $"the stream takes no more parts: it was ended, cancelled, has failed or expired; GET it to see."),
            PartAcceptance.QueueFull => throw RequestException.QueueFull(),
            _ => throw RequestException.NotFound("stream", id),
        };
    }

    private static IResult End(string id, HttpContext context, [FromServices] RmtClassifierOptions options, [FromServices] DocumentStore store, [FromServices] WorkState state, [FromServices] LinkGenerator links)
    {
        if (!store.EndStream(id) && Stream(id, store, state, options) is var now)
            throw RequestException.Conflict("stream-closed", $"the stream is {now.Document.Status}; it cannot be ended.");
        return Answers.Accepted(context, links, Answers.StreamRoute, id, Stream(id, store, state, options));
    }

    private static IResult Get(string id, [FromServices] RmtClassifierOptions options, [FromServices] DocumentStore store, [FromServices] WorkState state) => Answers.Json(Stream(id, store, state, options));

    private static IResult Delete(string id, [FromServices] RmtClassifierOptions options, [FromServices] DocumentStore store, [FromServices] WorkState state)
    {
        var (found, now) = store.Remove(id, DocumentKind.Stream);
        if (!found)
            throw RequestException.NotFound("stream", id);
        return now is null ? Results.NoContent() : Answers.Json(Stream(id, store, state, options));
    }

    private static StreamAnswer Stream(string id, DocumentStore store, WorkState state, RmtClassifierOptions options)
    {
        var stream = store.Find(id, DocumentKind.Stream) ?? throw RequestException.NotFound("stream", id);
        var (next, ended) = store.Parts(stream.Seq);
        return new()
        {
            Document = Answers.Of(stream),
            NextPart = next,
            Ended = ended,
            Running = stream.Scores.Length > 0 ? Answers.Of(stream, new(stream.SegmentsRead - 1, stream.Scores)) : null,
            Alignment = "left",
            TrainedAlignment = state.Models.FirstOrDefault(model => stream.ModelHash is { } hash ? model.Hash == hash : model.Name == stream.Model)?.Alignment,
            IdleSeconds = options.StreamIdle.TotalSeconds,
        };
    }

    private static Task EventsAsync(string id, HttpContext context, [FromServices] DocumentEvents events) => events.WriteAsync(context, id, DocumentKind.Stream);
}
