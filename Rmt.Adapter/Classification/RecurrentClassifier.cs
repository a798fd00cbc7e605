using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>The adapter and a head: documents in, logits out. Read after every segment; what counts is what it says after the last.</summary>
public sealed class RecurrentClassifier : RecurrentModel
{
    private readonly RecurrentMemoryAdapter adapter;
    private readonly nn.Module<Tensor, Tensor> head;

    /// <summary>The head is a new one of the backbone's family.</summary>
    /// <param name="adapter">Disposed with the classifier.</param>
    /// <param name="labels">C.</param>
    public RecurrentClassifier(RecurrentMemoryAdapter adapter, int labels) : base(nameof(RecurrentClassifier))
    {
        (this.adapter, head, Labels, Recorded) = (adapter, adapter.Backbone.NewHead(labels), labels, new(adapter));
        RegisterComponents();
    }

    /// <summary>The recurrence.</summary>
    public override RecurrentMemoryAdapter Adapter => adapter;

    /// <summary>Its steps as graphs of a device, for whoever reads documents.</summary>
    public RecordedSteps Recorded { get; }

    /// <summary>Puts weights in the order in which reading wants them (<see cref="IBackbone.PrepareReading"/>). To be asked again after learning or a move, and while nobody reads.</summary>
    public void PrepareReading()
    {
        adapter.Backbone.PrepareReading();
        Recorded.Forget();
    }

    /// <summary>C: outputs of the head.</summary>
    public int Labels { get; }

    /// <summary>Hidden states of a step → logits: [A, R, H] → [A, C].</summary>
    public Tensor Head(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return head.call(adapter.Backbone.Pool(hidden)).MoveToOuterDisposeScope();    // [A, C]
    }

    /// <summary>Logits after the last step: [B, C].</summary>
    public override Tensor forward(SegmentBatch batch)
    {
        using var scope = NewDisposeScope();
        var last = Walk(batch, (_, _) => { });
        return Head(last.Hidden).MoveToOuterDisposeScope();
    }

    /// <summary>Mean cross-entropy of the documents: after the last step, or, with <paramref name="everySegment"/> (the authors' sum_loss,
    /// which is a mean), averaged over the steps, in each over the documents that have begun.</summary>
    /// <param name="batch">All segments of all documents.</param>
    /// <param name="labels">[B] int64</param>
    /// <param name="everySegment">Whether each step's logits count.</param>
    /// <returns>One number, with the graph through all steps.</returns>
    public Tensor Loss(SegmentBatch batch, Tensor labels, bool everySegment = false)
    {
        using var scope = NewDisposeScope();
        var losses = new List<Tensor>();
        var last = Walk(batch, (step, output) =>
        {
            if (!everySegment) return;
            var present = step.Rows is null ? labels : labels.index_select(0, step.Rows);
            losses.Add(nn.functional.cross_entropy(Head(output.Hidden), present));
        });
        var loss = everySegment ? stack(losses).mean() : nn.functional.cross_entropy(Head(last.Hidden), labels);
        return loss.MoveToOuterDisposeScope();
    }

    internal override bool IsJudgedByLoss => false;

    internal override void Require(TrainingDocument document, string place)
    {
        base.Require(document, place);
        if (document.Label < 0 || document.Label >= Labels)
            throw new ArgumentException($"{place} has label {document.Label}, expected 0 to {Labels - 1}");
    }

    internal override long Answers(IEnumerable<TrainingDocument> documents) => documents.Count();

    internal override UpdatePart Part(SegmentBatch batch, IReadOnlyList<TrainingDocument> documents) =>
        new(batch, tensor(documents.Select(document => (long)document.Label).ToArray(), device: adapter.Device));      // [B]

    internal override AdapterOutput Read(SegmentStep step, MemoryState memory) => adapter.call(step, memory);

    internal override bool Counts(UpdatePart part, int end) => part.EverySegment || end == part.Batch.Steps.Count;

    internal override Tensor? Cost(UpdatePart part, int index, SegmentStep step, Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var share = part.Share(index, step.Rows?.shape[0] ?? part.Batch.Documents);
        if (share == 0) return null;
        var labels = part.Labels ?? throw new ArgumentException("a classifier is trained on labelled documents", nameof(part));
        var present = step.Rows is null ? labels : labels.index_select(0, step.Rows);           // [A]
        return (nn.functional.cross_entropy(Head(hidden), present) * share).MoveToOuterDisposeScope();
    }

    internal override (double Accuracy, double Loss) Evaluate(IReadOnlyList<TrainingDocument> documents, Segmenter segmenter, int sideBySide, ScalarType? autocast) =>
        new Evaluator(this, segmenter, sideBySide, autocast).Read(documents);

    private AdapterOutput Walk(SegmentBatch batch, Action<SegmentStep, AdapterOutput> after)
    {
        var output = default(AdapterOutput);
        var memory = adapter.InitialMemory(batch.Documents);                                    // [B, m, H]
        foreach (var step in batch.Steps)
        {
            output = adapter.call(step, memory);
            memory = output.Memory;
            after(step, output);
        }
        return output;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) Recorded.Dispose();
        base.Dispose(disposing);
    }
}
