using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>The adapter and what is said after its segments: a classifier or a language model. What a trainer needs to know of either.</summary>
public abstract class RecurrentModel : nn.Module<SegmentBatch, Tensor>
{
    private protected RecurrentModel(string name) : base(name)
    {
    }

    // The field that holds it is the derived class's own: fields of a base class are not registered.
    /// <summary>The recurrence.</summary>
    public abstract RecurrentMemoryAdapter Adapter { get; }

    /// <summary>Whether of two evaluations that of the lower loss is the better one; else that of the higher accuracy.</summary>
    internal abstract bool IsJudgedByLoss { get; }

    /// <summary>Refuses a document that this model cannot be trained on.</summary>
    /// <param name="document">To learn from, or to be judged by.</param>
    /// <param name="place">Which one, for the message.</param>
    /// <exception cref="ArgumentException">A token, or its label, is none of the model's.</exception>
    internal virtual void Require(TrainingDocument document, string place) => Adapter.CheckTokens(document.Tokens.Span, place);

    /// <summary>How many answers documents ask for; a part of an update counts by its share of them.</summary>
    internal abstract long Answers(IEnumerable<TrainingDocument> documents);

    /// <summary>What gradients are asked of.</summary>
    internal abstract UpdatePart Part(SegmentBatch batch, IReadOnlyList<TrainingDocument> documents);

    /// <summary>A step as this model reads it: its hidden states and memory, with the dropout that <see cref="Cost"/> is asked for.</summary>
    internal abstract AdapterOutput Read(SegmentStep step, MemoryState memory);

    /// <summary>Whether anything said before step <paramref name="end"/> and not before the end of an earlier run counts in the loss.</summary>
    internal abstract bool Counts(UpdatePart part, int end);

    /// <summary>A step's part of the loss, one number with its graph; null where nothing that is said there counts.</summary>
    /// <param name="part">Of which the loss is.</param>
    /// <param name="index">Of the step, from 0.</param>
    /// <param name="step">The same.</param>
    /// <param name="hidden">From <see cref="Read"/>.</param>
    internal abstract Tensor? Cost(UpdatePart part, int index, SegmentStep step, Tensor hidden);

    /// <summary>Accuracy and mean cross-entropy on documents, read side by side. The model is in evaluation mode afterwards.</summary>
    internal abstract (double Accuracy, double Loss) Evaluate(IReadOnlyList<TrainingDocument> documents, Segmenter segmenter, int sideBySide, ScalarType? autocast);
}
