namespace Rmt.Service;

/// <summary>A document that is offered to the store.</summary>
internal sealed record NewDocument
{
    /// <summary>The sender's own, or null: one is made.</summary>
    public string? Id { get; init; }

    public required string Model { get; init; }

    /// <summary>UTF-8.</summary>
    public required byte[] Text { get; init; }

    public int? MaxTokens { get; init; }

    /// <summary>head or head_tail.</summary>
    public string? Truncate { get; init; }

    public string? TraceParent { get; init; }

    /// <summary>Of the sender, to tell a repeated request from another; null: none was given.</summary>
    public string? Key { get; init; }

    /// <summary>Of all that a request with this key said.</summary>
    public byte[] Fingerprint { get; init; } = [];
}

internal enum Acceptance
{
    Accepted,

    /// <summary>The same request again: nothing is new.</summary>
    Repeated,
    IdTaken,

    /// <summary>The key was used for another request.</summary>
    KeyTaken,
    QueueFull,
}

internal readonly record struct AcceptedDocument(Acceptance Acceptance, string Id);
