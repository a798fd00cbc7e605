using Rmt.Adapter;

namespace Rmt.Host.Training;

/// <summary>Lengths of a stage's documents: most have all N segments, a share of them 1 to N.</summary>
/// <param name="seed">Of the training.</param>
/// <param name="stage">N, and the share.</param>
internal sealed class MixedLengths(ulong seed, StageToTrain stage)
{
    private const ulong Lengths = 0x6C656E67746873;      // sets the draws of lengths apart from those of samples

    /// <summary>Segments of a document.</summary>
    public int Of(int index)
    {
        var most = stage.Stage.Segments;
        var dice = new SplitMix64(SplitMix64.Seed(seed, Lengths, (ulong)index));
        var isMixed = dice.Next(1L << 32) < stage.Mix * (1L << 32);
        return isMixed ? 1 + (int)dice.Next(most) : most;
    }
}
