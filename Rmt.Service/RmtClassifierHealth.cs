namespace Rmt.Service;

/// <summary>How the worker of this process is, for a host that asks when it has stopped.</summary>
public sealed class RmtClassifierHealth
{
    private readonly WorkState _state;

    internal RmtClassifierHealth(WorkState state) => _state = state;

    /// <summary>Whether the models are loaded and warm, and the worker works.</summary>
    public bool IsReady => _state.IsReady;

    /// <summary>Why the worker is gone for good, so that the host stopped; null where it did not. A <see cref="Rmt.Loaders.LoadException"/>: a model cannot be loaded.</summary>
    public Exception? Failure => _state.Failure;
}
