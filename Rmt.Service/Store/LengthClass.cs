namespace Rmt.Service;

/// <summary>Documents of about the same length. A process holds some of each, so that long ones, however many, never keep a short one out.</summary>
internal static class LengthClass
{
    private const int Shortest = 16 << 10, Times = 8;

    /// <summary>How many there are: up to 16 KiB, 128 KiB, 1 MiB, and more.</summary>
    public const int Count = 4;

    /// <summary>The first of them.</summary>
    public const int Short = 0;

    public static int Of(long bytes)
    {
        var (at, limit) = (0, (long)Shortest);
        for (; at < Count - 1 && bytes > limit; limit *= Times)
            at++;
        return at;
    }
}
