using System.Text.Json.Serialization;

namespace Rmt.Adapter;

/// <summary>One stage of a curriculum: documents of so many segments, trained until <see cref="TrainingOptions.TargetAccuracy"/> is reached, nothing
/// gets better, or <see cref="TrainingOptions.Updates"/> are made.</summary>
/// <param name="Segments">Segments of its documents, 1 or more.</param>
/// <param name="Options">Budget, rates and accuracy of the stage; evaluations must be on.</param>
public sealed record CurriculumStage(int Segments, TrainingOptions Options)
{
    /// <summary>How often a stage that collapses begins again, 0 or more; null: nobody looks whether it has, as where it is evaluated on other lengths
    /// than it is trained on.</summary>
    public int? Restarts { get; init; } = 2;

    /// <summary>What the rates are multiplied by at each restart; above 0, below 1.</summary>
    public double RestartRate { get; init; } = 0.5;

    /// <summary>What tells its documents from others, a hash of them: a saved curriculum goes on with the same ones only. Null: by their number.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]       // a curriculum saved without it goes on
    public string? Fingerprint { get; init; }

    /// <summary>The options of an attempt: lower rates, other draws.</summary>
    internal TrainingOptions Attempt(int stage, int attempt)
    {
        var factor = Math.Pow(RestartRate, attempt);
        return Options with
        {
            Seed = (long)(SplitMix64.Seed((ulong)Options.Seed, (ulong)stage, (ulong)attempt) >> 1),
            BackboneRate = Options.BackboneRate * factor,
            MemoryRate = Options.MemoryRate * factor,
            HeadRate = Options.HeadRate * factor,
        };
    }

    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    internal void Check()
    {
        Options.Check();
        if (Segments < 1) throw new ArgumentException($"{nameof(Segments)} is {Segments}, expected 1 or more");
        if (Restarts < 0) throw new ArgumentException($"{nameof(Restarts)} is {Restarts}, expected 0 or more");
        if (RestartRate is not (> 0 and < 1)) throw new ArgumentException(FormattableString.Invariant($"{nameof(RestartRate)} is {RestartRate}, expected above 0 and below 1"));
        if (Options.EvaluateEvery == 0) throw new ArgumentException($"{nameof(Options.EvaluateEvery)} is 0, expected 1 or more: a stage is judged by its evaluations");
    }
}

/// <summary>The documents of a stage.</summary>
/// <param name="Training">One or more.</param>
/// <param name="Validation">One or more; the most frequent label among them is what chance would answer.</param>
public sealed record StageDocuments(IReadOnlyList<TrainingDocument> Training, IReadOnlyList<TrainingDocument> Validation);

/// <summary>What one update of a curriculum did.</summary>
/// <param name="Stage">From 0.</param>
/// <param name="Attempt">From 0; above it, the stage collapsed and began again.</param>
/// <param name="Step">The update.</param>
/// <param name="End">How the attempt ends here; null where it goes on.</param>
public sealed record CurriculumStep(int Stage, int Attempt, TrainingStep Step, StageEnd? End);

/// <summary>How an attempt at a stage ends.</summary>
public enum StageEnd
{
    /// <summary>The accuracy asked for is reached; the next stage begins with the best weights.</summary>
    Converged,

    /// <summary>The updates are made or nothing gets better; the next stage begins with the best weights.</summary>
    Budget,

    /// <summary>The accuracy is that of chance after a third of the budget, or fell after it was high; the stage begins again at lower rates.</summary>
    Collapsed,

    /// <summary>It collapsed and may not begin again: the curriculum is over, with the best weights of the attempt.</summary>
    GaveUp,
}
