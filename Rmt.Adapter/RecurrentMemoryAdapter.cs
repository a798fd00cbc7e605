using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>The Recurrent Memory Transformer (arXiv 2304.11062): one recurrent step around an unmodified backbone.</summary>
/// <remarks>
/// Memory enters as token embeddings do, so the backbone's positions, types and norm act on it at every segment, and leaves as
/// last hidden states. No gate, no residual, and no projection between segments but where token embeddings are narrower than hidden states
/// (ELECTRA): there the adapter learns one, from H to E. The backbone's vocabulary is not touched: the
/// initial memory is a parameter of the adapter.
/// </remarks>
public sealed class RecurrentMemoryAdapter : nn.Module<SegmentStep, MemoryState, AdapterOutput>
{
    // Components are registered by what a field holds: this keeps the backbone's parameters among the adapter's.
    private readonly nn.Module backbone;
    private readonly Parameter memory;                                                          // [m, H]
    private readonly Linear? projection;                                                        // H → E, where they differ

    /// <summary>New memory is drawn from N(0, <see cref="IBackbone.MemoryStd"/>).</summary>
    /// <param name="port">The transformer; it is disposed with the adapter.</param>
    /// <param name="layout">Where things stand in a window.</param>
    /// <exception cref="ArgumentException">The window is longer than the backbone reads.</exception>
    public RecurrentMemoryAdapter(IBackbone port, SegmentLayout layout) : this(port, layout, port.EmbeddingSize != port.HiddenSize)
    {
    }

    // With a projection also where the widths are equal: then an identity changes nothing, which is a test.
    internal RecurrentMemoryAdapter(IBackbone port, SegmentLayout layout, bool projects) : base(nameof(RecurrentMemoryAdapter))
    {
        if (layout.IsCausal != port.IsCausal)
            throw new ArgumentException($"the layout is {(layout.IsCausal ? "" : "not ")}causal, the backbone is {(port.IsCausal ? "" : "not ")}", nameof(layout));
        if (layout.Window > port.MaxWindow)
            throw new ArgumentException($"a window of {layout.Window} tokens is longer than the {port.MaxWindow} the backbone reads", nameof(layout));
        (Backbone, Layout, backbone) = (port, layout, port.Module);
        using var scope = NewDisposeScope();
        memory = nn.Parameter(randn([layout.MemoryTokens, port.HiddenSize]) * port.MemoryStd);
        memory.DetachFromDisposeScope();
        if (projects) projection = Projection(port.HiddenSize, port.EmbeddingSize);
        RegisterComponents();
    }

    /// <summary>The transformer inside.</summary>
    public IBackbone Backbone { get; }

    /// <summary>Where things stand in a window.</summary>
    public SegmentLayout Layout { get; }

    /// <summary>Where the parameters are, and so what a step is given.</summary>
    public Device Device => memory.device;

    /// <summary>The type of the initial memory, and so of what goes from segment to segment.</summary>
    internal ScalarType MemoryType => memory.dtype;

    /// <summary>The memory before the first segment, the same for every document: [B, m, H].</summary>
    public MemoryState InitialMemory(long batch) => new(memory.expand(batch, -1, -1));

    /// <summary>One segment of every document that has begun: memory goes in, hidden states and the next memory come out.</summary>
    public override AdapterOutput forward(SegmentStep step, MemoryState state) => Step(step, state, null);

    /// <summary>The same step of a causal backbone with the hidden states of all the segment's places, of which a row's own tokens are the first: [A, L − 2 m, H].</summary>
    /// <exception cref="InvalidOperationException">The backbone is not causal.</exception>
    public AdapterOutput ReadAll(SegmentStep step, MemoryState state) => Layout.IsCausal ? Step(step, state, null, all: true)
        : throw new InvalidOperationException("only a causal backbone is asked for what follows every token");

    /// <summary>The same step with every layer shown: all rows of the last one are computed, so numbers differ by rounding.</summary>
    /// <exception cref="NotSupportedException">The backbone is no <see cref="ILayeredBackbone"/>.</exception>
    public AdapterOutput Trace(SegmentStep step, MemoryState state, Action<LayerReading> each) => Step(step, state, each);

    /// <summary>Refuses tokens that the backbone has not: a processor does so when it meets one, a device reads what lies behind the table, or fails for good.</summary>
    /// <param name="tokens">Of a document, or of a part of it.</param>
    /// <param name="place">Which one, for the message.</param>
    /// <param name="first">Tokens of the document in front of these.</param>
    /// <exception cref="ArgumentException">There is one; the message says which.</exception>
    internal void CheckTokens(ReadOnlySpan<int> tokens, string place = "a document", int first = 0)
    {
        var at = tokens.IndexOfAnyExceptInRange(0, Backbone.VocabularySize - 1);
        if (at >= 0) throw new ArgumentException($"token {first + at} of {place} is {tokens[at]}: this model knows 0 to {Backbone.VocabularySize - 1}. Were the tokens made with its own vocabulary?");
    }

    /// <summary>Refuses windows without this memory's places: it would be put over tokens.</summary>
    internal void CheckSegmenter(Segmenter segmenter)
    {
        if (segmenter.Layout.MemoryTokens != Layout.MemoryTokens || segmenter.Layout.IsCausal != Layout.IsCausal)
            throw new ArgumentException($"the segmenter leaves room for {Memory(segmenter.Layout)}, the model has {Memory(Layout)}", nameof(segmenter));

        static string Memory(SegmentLayout layout) => $"{layout.MemoryTokens} memory tokens{(layout.IsCausal ? ", in front and behind" : "")}";
    }

    /// <summary>Memory as it stands among token embeddings: [B, m, H] → [B, m, E].</summary>
    internal Tensor Entering(Tensor tokens) => projection is null ? tokens : projection.call(tokens);

    private AdapterOutput Step(SegmentStep step, MemoryState state, Action<LayerReading>? each, bool all = false)
    {
        using var scope = NewDisposeScope();
        var read = step.Rows is null ? state.Tokens : state.Tokens.index_select(0, step.Rows);       // [A, m, H]
        read = Entering(read);                                                                  // [A, m, E]
        if (each is null && !Layout.IsCausal && Backbone.Read(step.TokenIds, read, Layout.ReadMemory, step.Mask, Layout.RowsRead) is { } fused)
            return Output(step, state, fused);
        var tokens = Backbone.Embed(step.TokenIds);                                             // [A, L, E]
        // Where causal windows are of different lengths, the rows that are read stand elsewhere in each.
        var ends = Layout.IsCausal && step.Mask is not null ? Layout.Ends(step.Mask) : null;    // [A, R]
        var window = WithMemory(tokens, read, ends);                                            // [A, L, E]
        var rows = ends is null && !all ? Layout.RowsRead : Range.All;
        var hidden = each is null
            ? Backbone.Encode(window, step.Mask, rows)                                          // [A, R, H] or [A, L, H]
            : Layered.Encode(window, step.Mask, each)[.., rows];
        var whole = hidden;
        if (ends is not null) hidden = hidden.gather(1, ends.unsqueeze(-1).expand(-1, -1, hidden.shape[2]));     // [A, R, H]
        else if (all) hidden = hidden[.., Layout.RowsRead];                                     // [A, R, H]
        return Output(step, state, hidden, all ? whole[.., Layout.MemoryTokens..^Layout.MemoryTokens] : hidden);    // [A, L - 2 m, H] or [A, R, H]
    }

    // Memory is taken from the rows that are read; others may be shown in their place.
    private AdapterOutput Output(SegmentStep step, MemoryState state, Tensor read, Tensor? shown = null)
    {
        // What is handed on keeps its type where products run in a narrower one: rounding would add up from segment to segment.
        var written = read[.., Layout.WriteMemory].to(state.Tokens.dtype);                      // [A, m, H]
        if (step.Rows is not null) written = state.Tokens.index_copy(0, step.Rows, written);    // [B, m, H]
        return new((shown ?? read).MoveToOuterDisposeScope(), new(written.MoveToOuterDisposeScope()));
    }

    // Memory in the place of the window's own rows: where it is read, and, causal, behind each row's tokens too.
    private Tensor WithMemory(Tensor tokens, Tensor read, Tensor? ends)
    {
        var slots = Layout.ReadMemory;
        var behind = tokens[.., slots.End..];                                                   // [A, L - end, E]
        if (!Layout.IsCausal) return cat([tokens[.., ..slots.Start], read, behind], dim: 1);    // [A, L, E]
        if (ends is null) return cat([read, behind[.., ..^Layout.MemoryTokens], read], dim: 1); // [A, L, E]
        var slotsBehind = ends[.., 1..].unsqueeze(-1).expand(-1, -1, tokens.shape[2]);          // [A, m, E]
        return cat([read, behind], dim: 1).scatter(1, slotsBehind, read);                       // [A, L, E]
    }

    // Drawn so that memory keeps its size: the variance of a sum of H numbers, each times one of variance 1/H.
    private static Linear Projection(int hidden, int embedding)
    {
        var projection = nn.Linear(hidden, embedding);
        nn.init.normal_(projection.weight, 0, 1 / Math.Sqrt(hidden));
        nn.init.zeros_(projection.bias!);
        return projection;
    }

    private ILayeredBackbone Layered => Backbone as ILayeredBackbone
        ?? throw new NotSupportedException($"{Backbone.GetType().Name} does not show its layers: it is no {nameof(ILayeredBackbone)}");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) Backbone.Dispose();
        base.Dispose(disposing);
    }
}
