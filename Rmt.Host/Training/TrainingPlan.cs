using System.Text.Json.Nodes;
using Rmt.Adapter;

namespace Rmt.Host.Training;

/// <summary>Everything that a training was asked to be.</summary>
internal sealed record TrainingPlan
{
    /// <summary>Folder of the outcome.</summary>
    public required string Save { get; init; }

    /// <summary>Whether to go on with what is there.</summary>
    public required bool Resume { get; init; }

    public required ModelToTrain Model { get; init; }

    public required ILesson Lesson { get; init; }

    /// <summary>One or more, in their order.</summary>
    public required IReadOnlyList<StageToTrain> Stages { get; init; }

    public required IBackpropagation Backpropagation { get; init; }

    /// <summary>Updates between checkpoints.</summary>
    public required int CheckpointEvery { get; init; }

    /// <summary>Type of the backbone's weights in the saved model.</summary>
    public required TorchSharp.torch.ScalarType SaveType { get; init; }

    /// <summary>The options as they hold, by name: what <c>--values</c> reads.</summary>
    public required JsonObject Values { get; init; }
}

/// <summary>What is trained, and where.</summary>
/// <param name="Name">A folder or hub id; null with <paramref name="New"/>.</param>
/// <param name="New">Layers, hidden size and heads of a model of random weights.</param>
/// <param name="Vocabulary">Of the new model.</param>
/// <param name="Folder">Where a new model's configuration and vocabulary are put.</param>
/// <param name="MemoryTokens">Of a new memory.</param>
/// <param name="Window">Null: a saved model's own, else the longest there is.</param>
/// <param name="Alignment">Where the segment goes that is not full; null: as the backbone has it.</param>
/// <param name="Dropout">Null: as the configuration has it.</param>
/// <param name="Seed">Of new weights.</param>
/// <param name="Device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
/// <param name="Threads">Of the CPU.</param>
internal sealed record ModelToTrain(string? Name, (int Layers, int Hidden, int Heads)? New, string? Vocabulary, string Folder, int MemoryTokens, int? Window,
    SegmentAlignment? Alignment, double? Dropout, long Seed, string Device, int Threads);

/// <summary>A stage, and how its documents are drawn.</summary>
/// <param name="Stage">Segments, budget and rates.</param>
/// <param name="Mix">Share of documents of 1 to N segments.</param>
/// <param name="Validation">How many documents an evaluation reads.</param>
/// <param name="ValidationSegments">Of each of them.</param>
/// <param name="Placement">Where a task's facts are put.</param>
/// <param name="ValidationPlacement">Where those of validation are.</param>
/// <param name="Tellings">Of how many tellings of two facts its problems are, or all.</param>
internal sealed record StageToTrain(CurriculumStage Stage, double Mix, int Validation, int ValidationSegments, FactPlacement Placement, FactPlacement ValidationPlacement, int? Tellings = null);
