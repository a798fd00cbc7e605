namespace TorchSharp;

/// <summary>Looks, until it is disposed, for what goes wrong in a backward: the operation it happened in is named, a NaN ends it. Slow; for all threads.</summary>
public class AnomalyMode : IDisposable
{
    private readonly bool enabledBefore = IsEnabled, checkedBefore = ShouldCheckNaN;

    /// <param name="enabled">Whether it looks at all.</param>
    /// <param name="check_nan">Whether a gradient that is no number is an error.</param>
    public AnomalyMode(bool enabled, bool check_nan = true) => Set(enabled, check_nan);

    public static bool IsEnabled => torch.backends.Read("detect_anomaly");

    public static bool ShouldCheckNaN => torch.backends.Read("anomaly_check_nan");

    private static void Set(bool enabled, bool check)
    {
        torch.backends.Write("detect_anomaly", enabled);
        torch.backends.Write("anomaly_check_nan", check);
    }

    /// <summary>Puts the setting back.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing) Set(enabledBefore, checkedBefore);
    }
}

public static partial class torch
{
    public static partial class autograd
    {
        /// <inheritdoc cref="AnomalyMode"/>
        public static AnomalyMode detect_anomaly(bool check_nan = true) => new(true, check_nan);

        /// <inheritdoc cref="AnomalyMode"/>
        public static AnomalyMode set_detect_anomaly(bool mode, bool check_nan = true) => new(mode, check_nan);
    }
}
