using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Rmt.Service;

/// <summary>Server-sent events of a document, from the store: whichever process reads it, and wherever a listener comes back to.</summary>
internal sealed class DocumentEvents(DocumentStore store, IHostApplicationLifetime lifetime, TimeProvider time)
{
    // Of a change that another process made nobody tells: it is looked for.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200), Silence = TimeSpan.FromSeconds(15);

    /// <summary>Ends with the document, with the listener, or with the service.</summary>
    public async Task WriteAsync(HttpContext context, string id, DocumentKind kind)
    {
        var document = store.Find(id, kind) ?? throw RequestException.NotFound(WireName.Of(kind), id);
        var (run, after) = LastSeen(context);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        DocumentStatus? told = null;
        var said = time.GetTimestamp();
        try
        {
            while (document is not null)
            {
                if (run != document.Run)
                    (run, after) = (document.Run, -1);
                var changed = store.Changed;
                document = store.Find(id, kind);
                var text = new StringBuilder();
                if (document is not null)
                    after = Describe(text, document, after, ref told);
                if (text.Length > 0 || time.GetElapsedTime(said) > Silence)
                {
                    await context.Response.WriteAsync(text.Length > 0 ? text.ToString() : ": still here\n\n", ending.Token);
                    await context.Response.Body.FlushAsync(ending.Token);
                    said = time.GetTimestamp();
                }
                if (document is null or { IsFinished: true })
                    break;
                _ = await Task.WhenAny(changed, Task.Delay(Look, time, ending.Token));
                ending.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The listener comes back with Last-Event-ID, if it wants to.
        }
    }

    private int Describe(StringBuilder text, StoredDocument document, int after, ref DocumentStatus? told)
    {
        foreach (var reading in store.Readings(document.Seq, after, int.MaxValue).Where(reading => reading.Segment < document.SegmentsRead))
        {
            after = reading.Segment;
            Event(text, "segment", string.Create(CultureInfo.InvariantCulture, $"{document.Run}.{after}"), Answers.Of(document, reading));
        }
        if (told != document.Status || document.IsFinished)
            Event(text, document.IsFinished ? "finished" : "status", null, Answers.Of(document));
        told = document.Status;
        return after;
    }

    private static void Event<T>(StringBuilder text, string name, string? id, T data)
    {
        _ = text.Append("event: ").Append(name).Append('\n');
        if (id is not null)
            _ = text.Append("id: ").Append(id).Append('\n');
        _ = text.Append("data: ").Append(JsonSerializer.Serialize(data, ServiceJson.Options)).Append("\n\n");
    }

    // RUN.SEGMENT; a document that was requeued since begins again.
    private static (int Run, int Segment) LastSeen(HttpContext context) =>
        context.Request.Headers["Last-Event-ID"].ToString().Split('.') is [var run, var segment]
        && int.TryParse(run, NumberStyles.None, CultureInfo.InvariantCulture, out var r) && int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var s) ? (r, s) : (-1, -1);
}
