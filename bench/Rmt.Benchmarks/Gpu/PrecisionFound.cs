using static TorchSharp.torch;

namespace Rmt.Benchmarks.Gpu;

/// <summary>How far the scores of one way of reading are off.</summary>
/// <param name="InAll">Beside float32.</param>
/// <param name="OfArithmetic">Beside float32 with the same weights, rounded.</param>
internal sealed record PrecisionFound(ScoreDifference InAll, ScoreDifference OfArithmetic)
{
    // The largest difference is one document's, and as often ours as theirs; of the mean, which is all documents', so much may be chance.
    private const double Chance = 1.1;

    /// <summary>Whether this is as near to float32 as it has to be.</summary>
    /// <param name="plain">bfloat16, layer by layer.</param>
    /// <param name="type">This one's: float16 is held to all of the goal, bfloat16, where rounded weights alone can miss it, to what its arithmetic loses.</param>
    public bool IsRightBeside(PrecisionFound plain, ScalarType type) =>
        type == ScalarType.Float16 ? InAll.IsNoWorseThan(plain.InAll) : OfArithmetic.Mean <= Chance * plain.OfArithmetic.Mean;
}
