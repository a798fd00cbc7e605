namespace Rmt.Service;

/// <param name="Path">The file; made where it is not.</param>
/// <param name="LimitBytes">Most that the file may take; 0: what the disk has.</param>
/// <param name="MaxQueued">Documents that may wait.</param>
/// <param name="MaxAttempts">Attempts in a row without a segment, after which a document is a dead letter.</param>
/// <param name="LeaseTime">How long an owner may do nothing before its documents are taken from it.</param>
internal sealed record StoreOptions(string Path, long LimitBytes, int MaxQueued, int MaxAttempts, TimeSpan LeaseTime);
