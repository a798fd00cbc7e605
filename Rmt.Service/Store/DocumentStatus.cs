namespace Rmt.Service;

/// <summary>Where a document is on its way. The numbers stand in the store.</summary>
internal enum DocumentStatus
{
    Queued = 0,
    Running = 1,
    Done = 2,

    /// <summary>A dead letter.</summary>
    Failed = 3,
    Cancelled = 4,

    /// <summary>A stream that waits for its next part.</summary>
    Open = 5,

    /// <summary>A stream that waited too long.</summary>
    Expired = 6,
}

/// <summary>Whether a text came whole or comes in parts. The numbers stand in the store.</summary>
internal enum DocumentKind
{
    Document = 0,
    Stream = 1,
}
