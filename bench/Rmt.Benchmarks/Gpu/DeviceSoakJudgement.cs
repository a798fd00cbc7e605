using System.Globalization;

namespace Rmt.Benchmarks.Gpu;

/// <summary>Whether memory was flat between the fifth and the last fifth of a soak.</summary>
internal static class DeviceSoakJudgement
{
    // What is recorded late, since its shape came late, is this little; a leak of a step's memory is many times as much in 100,000 steps.
    private const double OfDevice = 0.02, OfProcess = 0.05;

    /// <returns>And a sentence that says by how much each grew.</returns>
    public static (bool Flat, string What) IsFlat(IReadOnlyList<DeviceSample> samples)
    {
        if (samples.Count < 5) return (false, $"{samples.Count} samples are too few to tell: more steps, or more time");
        var flat = true;
        var said = new List<string>();
        Judge("allocated", sample => sample.Allocated, OfDevice);
        Judge("reserved", sample => sample.Reserved, OfDevice);
        Judge("resident", sample => sample.Resident, OfProcess);
        var tensors = Growth.Of(samples, sample => sample.Tensors).More;
        flat &= tensors <= 0;
        said.Add(string.Create(CultureInfo.InvariantCulture, $"tensors {tensors:+0.#;-0.#;0}"));
        return (flat, string.Join(", ", said));

        void Judge(string name, Func<DeviceSample, long?> of, double tolerance)
        {
            if (samples.Any(sample => of(sample) is null)) return;
            var share = Growth.Of(samples, sample => of(sample)!.Value).Share;
            flat &= share <= tolerance;
            said.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {100 * share:+0.00;-0.00;0} % (at most {100 * tolerance:0})"));
        }
    }
}
