using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>A causal backbone with memory: what each token is followed by, over documents of any number of segments.</summary>
/// <remarks>B documents, A of them active, n places for tokens in a step, V vocabulary.</remarks>
public sealed class RecurrentLanguageModel : RecurrentModel
{
    /// <summary>Stands among targets where nothing follows, and is not counted.</summary>
    internal const long NoTarget = -100;

    private readonly RecurrentMemoryAdapter adapter;

    /// <param name="adapter">Around an <see cref="ILanguageBackbone"/>. Disposed with the model.</param>
    /// <exception cref="ArgumentException">The backbone says nothing of what follows.</exception>
    public RecurrentLanguageModel(RecurrentMemoryAdapter adapter) : base(nameof(RecurrentLanguageModel))
    {
        if (adapter.Backbone is not ILanguageBackbone)
            throw new ArgumentException($"{adapter.Backbone.GetType().Name} is no {nameof(ILanguageBackbone)}: it has no logits of a next token", nameof(adapter));
        this.adapter = adapter;
        RegisterComponents();
    }

    /// <summary>The recurrence.</summary>
    public override RecurrentMemoryAdapter Adapter => adapter;

    /// <summary>One segment of every document that has begun: logits [A, n, V] of what follows each of its places, and the memory that it leaves.</summary>
    public (Tensor Logits, MemoryState Memory) Step(SegmentStep step, MemoryState memory)
    {
        using var scope = NewDisposeScope();
        var output = adapter.ReadAll(step, memory);
        _ = output.Memory.Tokens.MoveToOuterDisposeScope();
        return (Logits(output.Hidden).MoveToOuterDisposeScope(), output.Memory);
    }

    /// <summary>Mean cross-entropy of all tokens but each document's first: a segment's last token predicts the first of the next.</summary>
    /// <returns>One number, with the graph through all steps.</returns>
    public override Tensor forward(SegmentBatch batch)
    {
        using var scope = NewDisposeScope();
        var part = new UpdatePart(batch);
        var memory = adapter.InitialMemory(batch.Documents);                                    // [B, m, H]
        var loss = zeros([], device: adapter.Device);
        foreach (var (index, step) in batch.Steps.Index())
        {
            var output = Read(step, memory);
            loss = loss + Cost(part, index, step, output.Hidden)!;
            memory = output.Memory;
        }
        return loss.MoveToOuterDisposeScope();
    }

    /// <summary>What follows each token of a step: the token behind it, for a segment's last one the next segment's first; <see cref="NoTarget"/> behind the
    /// document's last and at padding. [A, n] int64.</summary>
    internal Tensor Targets(SegmentBatch batch, int index, SegmentStep step)
    {
        using var scope = NewDisposeScope();
        var m = adapter.Layout.MemoryTokens;
        var places = step.TokenIds.shape[1] - 2 * m;                                            // n
        var ids = step.TokenIds.narrow(1, m, places);                                           // [A, n]
        var lengths = step.Mask is null ? full([ids.shape[0], 1], places, dtype: int64, device: ids.device) : step.Mask.to(int64).sum(1, keepdim: true) - 2 * m;     // [A, 1]
        var first = full([batch.Documents], NoTarget, dtype: int64, device: ids.device);        // [B]
        if (index + 1 < batch.Steps.Count)
        {
            var later = batch.Steps[index + 1];
            var begins = later.TokenIds[.., m];                                                 // [A']
            first = later.Rows is null ? begins : first.index_copy(0, later.Rows, begins);
        }
        var following = (step.Rows is null ? first : first.index_select(0, step.Rows)).unsqueeze(1);    // [A, 1]
        var shifted = cat([ids[.., 1..], following], dim: 1);                                   // [A, n]
        var place = arange(places, device: ids.device).unsqueeze(0);                            // [1, n]
        shifted = where(place == lengths - 1, following, shifted);                              // [A, n]
        return where(place < lengths, shifted, full_like(shifted, NoTarget)).MoveToOuterDisposeScope();
    }

    internal override bool IsJudgedByLoss => true;

    internal override long Answers(IEnumerable<TrainingDocument> documents) => documents.Sum(document => Math.Max(0L, document.Tokens.Length - 1));

    internal override UpdatePart Part(SegmentBatch batch, IReadOnlyList<TrainingDocument> documents) => new(batch);

    // All places, also where only memory is asked for: fewer would draw other dropout.
    internal override AdapterOutput Read(SegmentStep step, MemoryState memory) => adapter.ReadAll(step, memory);

    internal override bool Counts(UpdatePart part, int end) => true;

    internal override Tensor? Cost(UpdatePart part, int index, SegmentStep step, Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var targets = Targets(part.Batch, index, step);                                         // [A, n]
        var sum = nn.functional.cross_entropy(Logits(hidden).flatten(0, 1), targets.flatten(), ignore_index: NoTarget, reduction: nn.Reduction.Sum);
        return (sum / Math.Max(1, part.Batch.Followed)).MoveToOuterDisposeScope();
    }

    internal override (double Accuracy, double Loss) Evaluate(IReadOnlyList<TrainingDocument> documents, Segmenter segmenter, int sideBySide, ScalarType? autocast)
    {
        var (right, tokens, loss) = (0L, 0L, 0.0);
        var reader = new LanguageReader(this, segmenter, autocast);
        foreach (var together in documents.Select(document => document.Tokens).Chunk(sideBySide))
            reader.Read(together, (_, memory) => memory, (_, score) => (right, tokens, loss) = (right + score.Right, tokens + score.Tokens, loss + score.Loss));
        return ((double)right / Math.Max(1, tokens), loss / Math.Max(1, tokens));
    }

    /// <summary>Hidden states of places → logits of what follows them: [A, n, H] → [A, n, V].</summary>
    internal Tensor Logits(Tensor hidden) => ((ILanguageBackbone)adapter.Backbone).Logits(hidden);
}
