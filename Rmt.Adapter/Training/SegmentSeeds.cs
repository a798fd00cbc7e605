using TorchSharp;

namespace Rmt.Adapter;

/// <summary>The randomness of a segment as a function of where it stands, so that the same segment run again drops the same numbers.</summary>
/// <remarks>Seeds, not saved generator states: every provider has them, and nothing need be kept from one run of a segment to the next.</remarks>
/// <param name="Seed">Of the whole training.</param>
/// <param name="Update">From 0.</param>
/// <param name="Part">Which part of the update, from 0.</param>
public readonly record struct SegmentSeeds(long Seed, long Update, int Part)
{
    /// <summary>Seeds the default generators of all devices for a segment.</summary>
    /// <param name="segment">From 0.</param>
    public void Sow(int segment) => torch.random.manual_seed(Of(segment));

    /// <summary>The seed of a segment, from 0 to 2⁶³ − 1: unlike those of its neighbours in every argument.</summary>
    public long Of(int segment) => (long)(SplitMix64.Seed((ulong)Seed, (ulong)Update, (ulong)Part, (ulong)segment) >> 1);
}
