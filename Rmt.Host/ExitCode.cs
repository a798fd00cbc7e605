namespace Rmt.Host;

/// <summary>What the process tells its caller. Scripts depend on these numbers.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int ModelNotLoadable = 3;
    public const int InputUnreadable = 4;
    public const int ServiceDied = 5;
    public const int Cancelled = 130;   // 128 + SIGINT, as shells have it
}
