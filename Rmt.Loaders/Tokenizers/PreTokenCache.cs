using System.Runtime.InteropServices;

namespace Rmt.Loaders;

/// <summary>The ids of pre-tokens that came before, shared by all threads. What comes first stays, so that it neither grows nor allocates once it is full:
/// frequent pre-tokens come early.</summary>
/// <remarks>Without locks: an entry never changes, and a slot is written whole.</remarks>
internal sealed class PreTokenCache
{
    private const int Bits = 16;

    private readonly Entry?[] slots = new Entry?[1 << Bits];

    private sealed class Entry(string text, int[] ids)
    {
        public readonly string Text = text;
        public readonly int[] Ids = ids;
    }

    /// <summary>UTF-16 units; longer ones are rare and not kept.</summary>
    public const int Longest = 32;

    /// <summary>Adds the ids of a pre-token, if they are known.</summary>
    /// <param name="text">The pre-token.</param>
    /// <param name="slot">Where it is, or would be.</param>
    /// <param name="ids">Gets the ids.</param>
    public bool TryAppend(ReadOnlySpan<char> text, out int slot, List<int> ids)
    {
        slot = SlotOf(text);
        if (slots[slot] is not { } entry || !text.SequenceEqual(entry.Text))
            return false;
        if (entry.Ids.Length == 1)
            ids.Add(entry.Ids[0]);
        else
            ids.AddRange(entry.Ids.AsSpan());
        return true;
    }

    /// <summary>Keeps the ids of a pre-token, if its slot is free.</summary>
    public void Keep(ReadOnlySpan<char> text, int slot, ReadOnlySpan<int> ids)
    {
        if (text.Length <= Longest && slots[slot] is null)
            slots[slot] = new(text.ToString(), ids.ToArray());
    }

    // Four units at a time.
    private static int SlotOf(ReadOnlySpan<char> text)
    {
        const ulong odd = 0x9E3779B97F4A7C15;
        var hash = (ulong)text.Length;
        while (text.Length >= 4)
        {
            hash = (hash ^ MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(text))) * odd;
            hash ^= hash >> 32;
            text = text[4..];
        }
        var rest = 0UL;
        foreach (var unit in text)
            rest = (rest << 16) | unit;
        return (int)((hash ^ rest) * odd >> (64 - Bits));
    }
}
