using Microsoft.Extensions.Logging;

namespace Rmt.Service;

/// <summary>What is logged. The numbers stay: alerts depend on them.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "model {Model} ({Hash}) is loaded and warm: {Rate:F1} segments/s in full batches")]
    public static partial void ModelReady(this ILogger log, string model, string hash, double rate);

    [LoggerMessage(2, LogLevel.Information, "draining: the segment in progress is read, then {Documents} documents are given back")]
    public static partial void Draining(this ILogger log, int documents);

    [LoggerMessage(3, LogLevel.Critical, "the worker is gone for good; what it held is given back, and the process ends")]
    public static partial void WorkerDied(this ILogger log, Exception error);

    [LoggerMessage(4, LogLevel.Warning, "model {Model}: {Reason}")]
    public static partial void ReadsSlower(this ILogger log, string model, string reason);

    [LoggerMessage(10, LogLevel.Information, "document {Id}: {Label} after {Segments} segments, {Tokens} tokens, {Seconds:F3} s after it came; trace {Trace}")]
    public static partial void Answered(this ILogger log, string id, string label, int segments, int tokens, double seconds, string trace);

    [LoggerMessage(11, LogLevel.Warning, "document {Id}: attempt {Attempt} failed at segment {Segment}: {Error}; trace {Trace}")]
    public static partial void AttemptFailed(this ILogger log, string id, int attempt, int segment, string error, string trace);

    [LoggerMessage(12, LogLevel.Warning, "document {Id}: given up: {Error}; trace {Trace}")]
    public static partial void GivenUp(this ILogger log, string id, string error, string trace);

    [LoggerMessage(13, LogLevel.Information, "document {Id}: somebody else has it, or it was cancelled; what was read of it here is dropped")]
    public static partial void Lost(this ILogger log, string id);

    [LoggerMessage(14, LogLevel.Warning, "a step of {Documents} documents failed and each is read alone: {Error}")]
    public static partial void StepFailed(this ILogger log, int documents, string error);

    [LoggerMessage(20, LogLevel.Warning, "{Documents} documents were taken from a process that died or stood still")]
    public static partial void TakenFromTheDead(this ILogger log, int documents);

    [LoggerMessage(21, LogLevel.Information, "{Documents} finished documents were purged")]
    public static partial void Purged(this ILogger log, int documents);

    [LoggerMessage(22, LogLevel.Error, "the store cannot be used; trying again: {Error}")]
    public static partial void StoreUnavailable(this ILogger log, string error);

    [LoggerMessage(23, LogLevel.Information, "{Streams} streams waited too long for a part and have expired")]
    public static partial void StreamsExpired(this ILogger log, int streams);

    [LoggerMessage(30, LogLevel.Information, "file {Path} is document {Id}")]
    public static partial void FileTaken(this ILogger log, string path, string id);

    [LoggerMessage(31, LogLevel.Warning, "file {Path}: {Error}")]
    public static partial void FileUnreadable(this ILogger log, string path, string error);

    [LoggerMessage(32, LogLevel.Critical, "folder {Path} cannot be watched any more, and the process ends")]
    public static partial void IntakeDied(this ILogger log, string path, Exception error);

    [LoggerMessage(40, LogLevel.Warning, "systemd could not be told '{Message}': {Error}")]
    public static partial void SystemdDeaf(this ILogger log, string message, string error);
}
