namespace Rmt.Torch;

internal static class Provider
{
    internal static NotSupportedException Lacks(string what) => new($"{what}: not available with this provider");
}
