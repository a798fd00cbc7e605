using System.Numerics;

namespace Rmt.Loaders;

/// <summary>Which two neighbours become which piece, and which of all such pairs goes first.</summary>
/// <remarks>Open addressing, at most half full: every pair of neighbours of a text is looked up here.</remarks>
internal sealed class MergeTable
{
    private readonly (ulong Pair, int Rank, int Joined)[] slots;      // Pair 0 = free
    private readonly int shift;

    /// <param name="capacity">How many will be added.</param>
    public MergeTable(int capacity)
    {
        var bits = BitOperations.Log2((uint)Math.Max(4, capacity)) + 2;
        (slots, shift) = (new (ulong, int, int)[1 << bits], 64 - bits);
    }

    public int Count { get; private set; }

    /// <summary>Adds the merge that goes after all before it. False, and nothing added, if there is one of this pair.</summary>
    public bool Add(int left, int right, int joined)
    {
        var slot = SlotOf(left, right);
        if (slots[slot].Pair != 0)
            return false;
        slots[slot] = (Pair(left, right), Count++, joined);
        return true;
    }

    public bool TryFind(int left, int right, out int rank, out int joined)
    {
        (var pair, rank, joined) = slots[SlotOf(left, right)];
        return pair != 0;
    }

    private int SlotOf(int left, int right)
    {
        var pair = Pair(left, right);
        var slot = (int)(pair * 0x9E3779B97F4A7C15 >> shift);       // 2^64 / golden ratio: the high bits choose
        while (slots[slot].Pair != 0 && slots[slot].Pair != pair)
            slot = (slot + 1) & (slots.Length - 1);
        return slot;
    }

    private static ulong Pair(int left, int right) => ((ulong)left + 1 << 32) | (uint)right;
}
