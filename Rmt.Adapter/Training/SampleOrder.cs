using System.Numerics;

namespace Rmt.Adapter;

/// <summary>The order in which documents are taken: every document once an epoch, in an order of its own each epoch.</summary>
/// <remarks>A permutation that is computed (a Feistel network, walked until it falls into the range), not stored: any place of any epoch can be asked
/// for, so a resumed training takes the documents that it would have taken, and a set of a billion generated documents costs nothing.</remarks>
internal sealed class SampleOrder
{
    private const int Rounds = 6;
    private readonly long seed;
    private readonly int count, half;

    /// <param name="seed">Another seed is another order.</param>
    /// <param name="count">Number of documents, 1 or more.</param>
    public SampleOrder(long seed, int count)
    {
        (this.seed, this.count) = (seed, count);
        half = Math.Max(1, (BitOperations.Log2((uint)count) + 2) / 2);      // 4^half > count
    }

    /// <summary>Which document comes at a place, counted from 0 through all epochs.</summary>
    public int At(long place)
    {
        var (epoch, at) = Math.DivRem(place, count);
        do at = Permute(epoch, at); while (at >= count);
        return (int)at;
    }

    private long Permute(long epoch, long value)
    {
        var mask = (1L << half) - 1;
        var (left, right) = (value >> half, value & mask);
        for (var round = 0; round < Rounds; round++)
            (left, right) = (right, left ^ ((long)SplitMix64.Seed((ulong)seed, (ulong)epoch, (ulong)round, (ulong)right) & mask));
        return (left << half) | right;
    }
}
