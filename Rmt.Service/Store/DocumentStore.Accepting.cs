using System.Security.Cryptography;

namespace Rmt.Service;

/// <summary>How documents come in.</summary>
internal sealed partial class DocumentStore
{
    /// <summary>Takes documents, all in one transaction. Each is there for good when this returns.</summary>
    public IReadOnlyList<AcceptedDocument> Accept(IReadOnlyList<NewDocument> documents) => TakeIn(session =>
    {
        var room = _options.MaxQueued - Queued(session);
        var answers = new AcceptedDocument[documents.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i] = Accept(session, documents[i], room);
            room -= answers[i].Acceptance == Acceptance.Accepted ? 1 : 0;
        }
        return answers;
    });

    /// <summary>Whether more documents would be taken.</summary>
    public bool HasRoom() => Read(Queued) < _options.MaxQueued;

    private static long Queued(StoreSession session) => session.Number("select count(*) from documents where status = 0");

    private AcceptedDocument Accept(StoreSession session, NewDocument document, long room)
    {
        if (Known(session, document.Key, document.Fingerprint) is { } known)
            return known;
        var id = document.Id ?? Guid.CreateVersion7().ToString("N");
        if (document.Id is not null && session.Number("select count(*) from documents where id = $1", id) > 0)
            return new(Acceptance.IdTaken, id);
        if (room <= 0)
            return new(Acceptance.QueueFull, id);
        Insert(session, document, id);
        Keep(session, document.Key, document.Fingerprint, id);
        return new(Acceptance.Accepted, id);
    }

    private void Insert(StoreSession session, NewDocument document, string id)
    {
        var seq = session.Number("""
            insert into documents (id, kind, status, model, max_tokens, truncate, bytes, length_class, traceparent, queued_at)
            values ($1, 0, 0, $2, $3, $4, $5, $6, $7, $8) returning seq
            """, id, document.Model, document.MaxTokens, document.Truncate, document.Text.Length, LengthClass.Of(document.Text.Length), document.TraceParent, Now);
        _ = session.Run("insert into parts values ($1, 0, $2, $3, $4)", seq, document.Text.Length, SHA256.HashData(document.Text), document.Text);
    }

    private static AcceptedDocument? Known(StoreSession session, string? key, byte[] fingerprint)
    {
        if (key is null)
            return null;
        var (before, id) = session.First("select fingerprint, document from keys where key = $1", row => ((byte[])row.GetValue(0), row.GetString(1)), key);
        return before is null ? null : new(before.AsSpan().SequenceEqual(fingerprint) ? Acceptance.Repeated : Acceptance.KeyTaken, id);
    }

    private void Keep(StoreSession session, string? key, byte[] fingerprint, string id)
    {
        if (key is not null)
            _ = session.Run("insert into keys values ($1, $2, $3, $4)", key, fingerprint, id, Now);
    }
}
