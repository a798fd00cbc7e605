using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>A causal backbone with memory: what each token is followed by, over documents of any number of segments.</summary>
/// <remarks>B documents, A of them active, n places for tokens in a step, V vocabulary.</remarks>
public sealed class RecurrentLanguageModel : nn.Module<SegmentBatch, Tensor>
{
    private const long NoTarget = -100;

    private readonly RecurrentMemoryAdapter adapter;
    private readonly ILanguageBackbone backbone;

    /// <param name="adapter">Around an <see cref="ILanguageBackbone"/>. Disposed with the model.</param>
    /// <exception cref="ArgumentException">The backbone says nothing of what follows.</exception>
    public RecurrentLanguageModel(RecurrentMemoryAdapter adapter) : base(nameof(RecurrentLanguageModel))
    {
        backbone = adapter.Backbone as ILanguageBackbone
            ?? throw new ArgumentException($"{adapter.Backbone.GetType().Name} is no {nameof(ILanguageBackbone)}: it has no logits of a next token", nameof(adapter));
        this.adapter = adapter;
        RegisterComponents();
    }

    /// <summary>The recurrence.</summary>
    public RecurrentMemoryAdapter Adapter => adapter;

    /// <summary>One segment of every document that has begun: logits [A, n, V] of what follows each of its places, and the memory that it leaves.</summary>
    public (Tensor Logits, MemoryState Memory) Step(SegmentStep step, MemoryState memory)
    {
        using var scope = NewDisposeScope();
        var output = adapter.ReadAll(step, memory);
        _ = output.Memory.Tokens.MoveToOuterDisposeScope();
        return (backbone.Logits(output.Hidden).MoveToOuterDisposeScope(), output.Memory);
    }

    /// <summary>Mean cross-entropy of all tokens but each document's first: a segment's last token predicts the first of the next.</summary>
    /// <returns>One number, with the graph through all steps.</returns>
    public override Tensor forward(SegmentBatch batch)
    {
        using var scope = NewDisposeScope();
        var memory = adapter.InitialMemory(batch.Documents);                                    // [B, m, H]
        Tensor sum = zeros([], device: adapter.Device), count = zeros([], dtype: int64, device: adapter.Device);
        for (var t = 0; t < batch.Steps.Count; t++)
        {
            var step = batch.Steps[t];
            var (logits, next) = Step(step, memory);                                            // [A, n, V]
            var targets = Targets(step, t + 1 < batch.Steps.Count ? batch.Steps[t + 1] : null, batch.Documents);       // [A, n]
            sum = sum + nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index: NoTarget, reduction: nn.Reduction.Sum);
            count = count + (targets != NoTarget).sum();
            memory = next;
        }
        return (sum / count.clamp(min: 1)).MoveToOuterDisposeScope();
    }

    // What follows each token of a step: the token behind it, for a segment's last one the next segment's first; nothing behind the document's last and at padding.
    private Tensor Targets(SegmentStep step, SegmentStep? next, int documents)
    {
        using var scope = NewDisposeScope();
        var m = adapter.Layout.MemoryTokens;
        var places = step.TokenIds.shape[1] - 2 * m;                                            // n
        var ids = step.TokenIds.narrow(1, m, places);                                           // [A, n]
        var lengths = step.Mask is null ? full([ids.shape[0], 1], places, dtype: int64, device: ids.device) : step.Mask.to(int64).sum(1, keepdim: true) - 2 * m;     // [A, 1]
        var first = full([documents], NoTarget, dtype: int64, device: ids.device);              // [B]
        if (next is { } later)
        {
            var begins = later.TokenIds[.., m];                                                 // [A']
            first = later.Rows is null ? begins : first.index_copy(0, later.Rows, begins);
        }
        var following = (step.Rows is null ? first : first.index_select(0, step.Rows)).unsqueeze(1);    // [A, 1]
        var shifted = cat([ids[.., 1..], following], dim: 1);                                   // [A, n]
        var place = arange(places, device: ids.device).unsqueeze(0);                            // [1, n]
        shifted = where(place == lengths - 1, following, shifted);                              // [A, n]
        return where(place < lengths, shifted, full_like(shifted, NoTarget)).MoveToOuterDisposeScope();
    }
}
