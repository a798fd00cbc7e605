using System.Globalization;

namespace Rmt.Host.Drawing;

/// <summary>White to dark red, as the paper's figure 6.</summary>
internal static class HeatColours
{
    private static readonly (int R, int G, int B)[] Ramp = [(255, 255, 255), (254, 224, 210), (252, 146, 114), (222, 45, 38), (103, 0, 13)];

    /// <summary>The colour of a share of the largest value, 0 to 1.</summary>
    public static string Of(double share)
    {
        var at = Math.Clamp(share, 0, 1) * (Ramp.Length - 1);
        var i = Math.Min((int)at, Ramp.Length - 2);
        var (from, to, part) = (Ramp[i], Ramp[i + 1], at - i);
        int Mix(int a, int b) => (int)Math.Round(a + (b - a) * part);
        return string.Create(CultureInfo.InvariantCulture, $"#{Mix(from.R, to.R):x2}{Mix(from.G, to.G):x2}{Mix(from.B, to.B):x2}");
    }
}
