namespace Rmt.Benchmarks;

/// <summary>A process at one moment of a soak.</summary>
/// <param name="Segments">Read so far.</param>
/// <param name="Seconds">Since the beginning.</param>
/// <param name="Resident">Bytes.</param>
/// <param name="Tensors">Live ones.</param>
/// <param name="Handles">Open files.</param>
internal sealed record SoakSample(int Segments, double Seconds, long Resident, long Tensors, int Handles);

/// <summary>Whether something grew between the fifth and the last fifth of a soak.</summary>
internal static class SoakJudgement
{
    private const double Tolerance = 0.02;

    /// <summary>Medians of the fifth after the first and of the last: resident memory may grow by 2 %, tensors and handles not at all.</summary>
    public static bool NothingGrew(IReadOnlyList<SoakSample> samples, Report report)
    {
        var growth = Growth.Of(samples, sample => sample.Resident).Share;
        var handles = Growth.Of(samples, sample => sample.Handles).More;        // the runtime opens some of its own, now and then
        var tensors = Growth.Of(samples, sample => sample.Tensors).More;
        report.Say($"resident memory grew by {growth:P2} between the fifth and the last fifth of the work (at most {Tolerance:P0} is taken for noise), live tensors by {tensors}, handles by {handles}");
        return growth <= Tolerance && tensors <= 0 && handles <= 0;
    }
}
