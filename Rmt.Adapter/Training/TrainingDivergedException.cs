namespace Rmt.Adapter;

/// <summary>A loss or a gradient is no number. The weights are as the update before left them: they can be saved, and the best ones are still kept.</summary>
/// <param name="update">Updates made before.</param>
/// <param name="message">Where, and what to do.</param>
public sealed class TrainingDivergedException(long update, string message) : Exception(message)
{
    /// <summary>Updates made before the one that failed.</summary>
    public long Update { get; } = update;
}
