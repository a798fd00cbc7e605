using Rmt.Benchmarks.Gpu;

/// <summary>What .NET runs first in a process whose DOTNET_STARTUP_HOOKS names this program: another process of ours that shall meet a fault.</summary>
internal static class StartupHook
{
    /// <summary>By this name it is called.</summary>
    public static void Initialize() => DeviceFault.WhenAsked();
}
