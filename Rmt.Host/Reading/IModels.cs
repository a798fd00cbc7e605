using Rmt.Adapter;
using Rmt.Host.Training;
using Rmt.Loaders;

namespace Rmt.Host.Reading;

/// <summary>Models by name. What cannot be loaded is a <see cref="Rmt.Loaders.LoadException"/>.</summary>
internal interface IModels
{
    /// <summary>Only the vocabulary; the folder needs no weights.</summary>
    ITokenizer LoadTokenizer(string? model);

    IDocumentReader LoadReader(ModelChoice choice);

    /// <summary>The classifier itself, for one document at a time.</summary>
    DocumentClassifier LoadClassifier(ModelChoice choice);

    /// <summary>A language model, to go on with texts; of the choice, batch and alignment do not matter to it.</summary>
    DocumentLanguageModel LoadLanguageModel(ModelChoice choice);

    /// <summary>What a training begins from, on its device.</summary>
    /// <param name="choice">A plain model, a saved one of the same kind, or a new one.</param>
    /// <param name="labels">In the order of the head's outputs; null: a language model.</param>
    TrainingStart LoadToTrain(ModelToTrain choice, LabelSet? labels);

    /// <summary>What a saved model was made for, as far as it says so.</summary>
    TrainingNotes Notes(string? model);

    /// <summary>What a folder, a hub id or a file holds, from headers and settings; null is the embedded default.</summary>
    ModelInspection Inspect(string? path);
}

/// <param name="Model">A folder or a hub id; <see langword="null"/> is the embedded default.</param>
/// <param name="Device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
/// <param name="Dtype">One of <see cref="NumberTypes.Names"/>.</param>
/// <param name="Threads">Of the CPU.</param>
/// <param name="Alignment"><see langword="null"/> is the model's own.</param>
/// <param name="Batch">Documents that are read side by side.</param>
internal sealed record ModelChoice(string? Model, string Device, string Dtype, int Threads, SegmentAlignment? Alignment, int Batch)
{
    /// <summary>The form of the models whose activation it is.</summary>
    public GeluForm Gelu { get; init; }
}
