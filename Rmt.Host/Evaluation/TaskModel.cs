using Rmt.Adapter;
using Rmt.Host.Backgrounds;
using Rmt.Host.Output;
using Rmt.Loaders;

namespace Rmt.Host.Evaluation;

/// <summary>A model that is asked a memory task.</summary>
/// <param name="Name">As messages call it.</param>
/// <param name="Classifier">Its vocabulary, its segments and its labels.</param>
internal sealed record TaskModel(string Name, DocumentClassifier Classifier)
{
    /// <summary>How messages call the model that is taken where none is named.</summary>
    public const string Embedded = "the embedded model";

    /// <summary>The tasks, in its tokens and for its segments.</summary>
    /// <param name="background">A file or folder; null for sentences that are made up.</param>
    /// <exception cref="Input.InputException">It cannot be read.</exception>
    public MemoryTasks Tasks(string? background) => new(
        Classifier.Tokenizer,
        background is null ? TextBackground.Generated(Classifier.Tokenizer) : BackgroundTexts.Open(background).In(Classifier.Tokenizer),
        Classifier.Segmenter.Layout.TokensPerSegment);

    /// <summary>A task that this model can answer.</summary>
    /// <param name="task">For the message.</param>
    /// <param name="create">Makes it.</param>
    /// <exception cref="LoadException">Its labels are not the task's, or its vocabulary or its segments are too small.</exception>
    public MemoryTask Require(string task, Func<MemoryTask> create)
    {
        MemoryTask made;
        try
        {
            made = create();
        }
        catch (ArgumentException error)
        {
            throw new LoadException(Name, $"it cannot be asked '{task}': {error.InWords()}.");
        }
        return made.Labels.Names.ToHashSet().SetEquals(Classifier.Labels.Names) ? made
            : throw new LoadException(Name, $"its labels are {List(Classifier.Labels)}; the answers of '{task}' are {List(made.Labels)}.");
    }

    private static string List(LabelSet labels) => string.Join(", ", labels.Names.Take(10)) + (labels.Count > 10 ? $" and {labels.Count - 10} more" : "");
}
