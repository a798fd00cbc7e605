using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Rmt.Service;

/// <summary>What the store knows, as answers say it.</summary>
internal static class Answers
{
    /// <summary>The name of the route that a Location leads to.</summary>
    public const string DocumentRoute = "rmt.document", StreamRoute = "rmt.stream";

    public static DocumentAnswer Of(StoredDocument document)
    {
        var done = document.Status == DocumentStatus.Done && document.Labels.Count == document.Scores.Length;
        return new()
        {
            Id = document.Id,
            Status = WireName.Of(document.Status),
            Label = done ? Label(document, document.Scores) : null,
            Score = done ? document.Scores.Max() : null,
            Scores = done ? Scores(document, document.Scores) : null,
            TokensTotal = document.TokensTotal,
            TokensRead = document.TokensRead,
            Segments = document.Segments,
            SegmentsRead = document.SegmentsRead,
            Truncated = done ? document.TokensRead < document.TokensTotal : null,
            Model = document.Model,
            ModelHash = document.ModelHash,
            Attempts = document.Attempts,
            QueuedAt = Time(document.QueuedAt)!.Value,
            StartedAt = Time(document.StartedAt),
            FinishedAt = Time(document.FinishedAt),
            Error = document.Error,
        };
    }

    public static SegmentEvent Of(StoredDocument document, StoredReading reading) => new()
    {
        Segment = reading.Segment + 1,
        Segments = document.Segments,
        Label = Label(document, reading.Scores),
        Score = reading.Scores.Max(),
        Scores = Scores(document, reading.Scores),
        Final = document.Status == DocumentStatus.Done && reading.Segment + 1 == document.SegmentsRead,
        TrainedOnEverySegment = document.EverySegment,
    };

    private static string Label(StoredDocument document, double[] scores) => document.Labels[Array.IndexOf(scores, scores.Max())];

    private static Dictionary<string, double> Scores(StoredDocument document, double[] scores) => document.Labels.Zip(scores).ToDictionary(pair => pair.First, pair => pair.Second);

    private static DateTimeOffset? Time(double? seconds) => seconds is { } known ? DateTimeOffset.FromUnixTimeMilliseconds((long)(known * 1000)) : null;

    /// <summary>202 with the place where the answer will be.</summary>
    public static IResult Accepted<T>(HttpContext context, LinkGenerator links, string route, string id, T answer, int status = StatusCodes.Status202Accepted)
    {
        context.Response.Headers.Location = links.GetPathByName(context, route, new RouteValueDictionary { ["id"] = id });
        return Json(answer, status);
    }

    public static IResult Json<T>(T answer, int status = StatusCodes.Status200OK) => Results.Json(answer, ServiceJson.Options, statusCode: status);

    /// <summary>A document that the store took, or the problem.</summary>
    public static string Require(AcceptedDocument accepted) => accepted.Acceptance switch
    {
        Acceptance.Accepted or Acceptance.Repeated => accepted.Id,
        Acceptance.IdTaken => throw RequestException.Conflict("id-taken", $"there is something with the id '{accepted.Id}' already; give another, or none."),
        Acceptance.KeyTaken => throw RequestException.Unprocessable("key-taken", "this Idempotency-Key was used for another request; use a new one."),
        _ => throw RequestException.QueueFull(),
    };

    /// <summary>A number of the query within its range.</summary>
    public static int Number(string? text, string name, int orElse, int most)
    {
        if (text is null)
            return orElse;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most ? number
            : throw RequestException.Bad($"{name} is '{text}'; it must be a number from 1 to {most}.");
    }
}
