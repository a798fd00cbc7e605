namespace Rmt.Adapter;

/// <summary>Numbers to a number that looks random: what is drawn depends on where it is drawn, not on what was drawn before.</summary>
internal static class Mixing
{
    /// <summary>The finalizer of SplitMix64 (Steele, Lea and Flood 2014) after each of the numbers.</summary>
    public static ulong Of(params ReadOnlySpan<long> numbers)
    {
        var state = 0UL;
        foreach (var number in numbers)
        {
            state += unchecked((ulong)number) + 0x9E3779B97F4A7C15;
            state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            state = (state ^ (state >> 27)) * 0x94D049BB133111EB;
            state ^= state >> 31;
        }
        return state;
    }
}
