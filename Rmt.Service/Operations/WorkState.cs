namespace Rmt.Service;

/// <summary>A model that is loaded, as everybody may know it.</summary>
internal sealed record ModelFacts(string Name, string Hash, IReadOnlyList<string> Labels, string Alignment, bool EverySegment, int MemoryTokens, int TokensPerSegment, string Device, string Dtype);

/// <summary>How the worker of this process is: what health and metrics tell of it.</summary>
internal sealed class WorkState
{
    private volatile IReadOnlyList<ModelFacts> _models = [];
    private volatile bool _draining;

    /// <summary>Loaded and warmed up, in the order of the options; none before all are.</summary>
    public IReadOnlyList<ModelFacts> Models => _models;

    public bool IsReady => _models.Count > 0 && !_draining && Failure is null;

    public bool IsDraining => _draining;

    /// <summary>Why the worker is gone for good; null as long as it is not.</summary>
    public Exception? Failure { get; set; }

    public void Ready(IReadOnlyList<ModelFacts> models) => _models = models;

    public void Drain() => _draining = true;
}
