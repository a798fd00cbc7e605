namespace Rmt.Adapter;

/// <summary>Random numbers that are the same on every machine and in every version, and cheap to begin: one generator a sample.</summary>
/// <remarks>Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.</remarks>
/// <param name="seed">Any number.</param>
public sealed class SplitMix64(ulong seed)
{
    private const ulong Step = 0x9E3779B97F4A7C15;
    private ulong state = seed;

    /// <summary>A seed made of several numbers; another order or another number is another seed.</summary>
    public static ulong Seed(params ReadOnlySpan<ulong> parts)
    {
        var seed = 0UL;
        foreach (var part in parts)
            seed = Mix(seed + Step) ^ Mix(part + Step);
        return Mix(seed);
    }

    /// <summary>Any 64 bits.</summary>
    public ulong Next() => Mix(state += Step);

    /// <summary>From 0 to one less than <paramref name="count"/>, all alike likely.</summary>
    public long Next(long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return (long)Math.BigMul(Next(), (ulong)count, out _);
    }

    /// <summary>One of a list, all alike likely.</summary>
    public T Of<T>(IReadOnlyList<T> list) => list[(int)Next(list.Count)];

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
