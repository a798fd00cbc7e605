namespace Rmt.Host.Output;

/// <summary>A share as a bar of characters, to an eighth of one.</summary>
internal static class Bar
{
    private const string Eighths = " ▏▎▍▌▋▊▉█";

    /// <param name="share">0 to 1; what lies beyond is cut.</param>
    /// <param name="width">Characters of a whole bar.</param>
    public static string Of(double share, int width)
    {
        var eighths = (int)Math.Round(Math.Clamp(double.IsFinite(share) ? share : 0, 0, 1) * width * 8);
        return string.Concat(Enumerable.Range(0, width).Select(i => Eighths[Math.Clamp(eighths - 8 * i, 0, 8)]));
    }
}
