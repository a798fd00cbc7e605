using System.Numerics;

namespace Rmt.Loaders;

/// <summary>Text to id without a string in between: open addressing over the vocabulary's own strings. The hash is made letter by letter,
/// so that one pass over a word gives the hashes of all its beginnings.</summary>
/// <remarks>FNV-1a over UTF-16 units, 32 bits; slots at most half full.</remarks>
internal sealed class PieceTable
{
    private const uint Prime = 16777619;
    private const int SeenBits = 1 << 17;
    private readonly string[] tokens;
    private readonly int skip;
    private readonly (uint Hash, int Id)[] slots;     // Id is one more than the id; 0 = free
    private readonly int shift;

    // A bit for every hash that is there: most misses end here, in the nearest cache. Measured 10 to 20 % faster than without.
    private readonly ulong[] seen = new ulong[SeenBits / 64];

    /// <param name="tokens">Token of every id; kept, not copied.</param>
    /// <param name="prefix">Only tokens that begin so are found, by what follows.</param>
    public PieceTable(string[] tokens, string prefix)
    {
        this.tokens = tokens;
        skip = prefix.Length;
        var bits = BitOperations.Log2((uint)Math.Max(4, tokens.Length)) + 2;
        shift = 32 - bits;
        slots = new (uint, int)[1 << bits];
        for (var id = 0; id < tokens.Length; id++)
        {
            if (tokens[id].Length <= skip || !tokens[id].StartsWith(prefix, StringComparison.Ordinal))
                continue;
            var piece = tokens[id].AsSpan(skip);
            Longest = Math.Max(Longest, piece.Length);
            var hash = Hash(piece);
            seen[Bit(hash) / 64] |= 1UL << (Bit(hash) % 64);
            var slot = First(hash);
            while (slots[slot].Id != 0)
                slot = Next(slot);
            slots[slot] = (hash, id + 1);
        }
    }

    /// <summary>The hash of no letters.</summary>
    public const uint Start = 2166136261;

    /// <summary>The hash of one letter more.</summary>
    public static uint Step(uint hash, char letter) => (hash ^ letter) * Prime;

    /// <summary>The hash of a text.</summary>
    public static uint Hash(ReadOnlySpan<char> text)
    {
        var hash = Start;
        foreach (var letter in text)
            hash = Step(hash, letter);
        return hash;
    }

    /// <summary>UTF-16 units of the longest piece; nothing longer need be looked up.</summary>
    public int Longest { get; }

    /// <summary>The id of a piece, or -1.</summary>
    public int Find(uint hash, ReadOnlySpan<char> piece)
    {
        if ((seen[Bit(hash) / 64] >> (Bit(hash) % 64) & 1) == 0)
            return -1;
        for (var slot = First(hash); ; slot = Next(slot))
        {
            var (found, id) = slots[slot];
            if (id == 0)
                return -1;
            if (found == hash && tokens[id - 1].AsSpan(skip).SequenceEqual(piece))
                return id - 1;
        }
    }

    // FNV's low bits are the weak ones: multiplied by 2^32 / golden ratio, the high bits choose the slot.
    private int First(uint hash) => (int)(hash * 2654435769u >> shift);

    private static int Bit(uint hash) => (int)(hash * 2654435769u >> 15);

    private int Next(int slot) => (slot + 1) & (slots.Length - 1);
}
