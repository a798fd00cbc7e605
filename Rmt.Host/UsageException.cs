namespace Rmt.Host;

/// <summary>An option that reads well but does not fit the model or the document. The message names it, its range and what was given.</summary>
internal sealed class UsageException(string message) : Exception(message);
