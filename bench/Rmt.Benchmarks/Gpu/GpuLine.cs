namespace Rmt.Benchmarks.Gpu;

/// <summary>A side of one line of the table: what somebody took for the same work.</summary>
/// <param name="Part">Which work.</param>
/// <param name="Shape">Of the model.</param>
/// <param name="Batch">Documents side by side.</param>
/// <param name="Who">ours or rival.</param>
/// <param name="Variant">How it was done.</param>
internal sealed record GpuLine(string Part, string Shape, int Batch, string Who, string Variant)
{
    public const string Us = "ours", Them = "rival";

    /// <summary>Of a call; null where none was measured.</summary>
    public double? Milliseconds { get; init; }

    /// <summary>Of the best call, or the best few in a row where the device is not waited for after each.</summary>
    public double? LeastMilliseconds { get; init; }

    public int? Calls { get; init; }

    /// <summary>Content tokens.</summary>
    public double? TokensPerSecond { get; init; }

    /// <summary>Of one long work as a whole, by the clock.</summary>
    public double? Seconds { get; init; }

    /// <summary>The most that tensors held on the device, weights included.</summary>
    public double? PeakMib { get; init; }

    /// <summary>Why there is no figure.</summary>
    public string? Error { get; init; }

    /// <summary>What sides are compared by: the time of the work, in milliseconds.</summary>
    public double? Time => Error is not null ? null : Seconds * 1000 ?? Milliseconds;

    /// <summary>Whether it does all of the work. Products without a model are a bound, not a rival.</summary>
    public bool IsModel => !Variant.StartsWith("gemm", StringComparison.Ordinal);

    public void AddTo(Report report) => report.Add(
        ("part", Part), ("shape", Shape), ("batch", Batch), ("who", Who), ("variant", Variant), ("ms", Milliseconds), ("ms_least", LeastMilliseconds), ("calls", Calls),
        ("tokens_per_s", TokensPerSecond), ("seconds", Seconds), ("peak_mib", PeakMib), ("error", Error));
}
