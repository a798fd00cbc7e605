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

    /// <summary>The memory before the first segment, the same for every document: [B, m, H].</summary>
    public MemoryState InitialMemory(long batch) => new(memory.expand(batch, -1, -1));

    /// <summary>One segment of every document that has begun: memory goes in, hidden states and the next memory come out.</summary>
    public override AdapterOutput forward(SegmentStep step, MemoryState state) => Step(step, state, null);

    /// <summary>The same step with every layer shown: all rows of the last one are computed, so numbers differ by rounding.</summary>
    /// <exception cref="NotSupportedException">The backbone is no <see cref="ILayeredBackbone"/>.</exception>
    public AdapterOutput Trace(SegmentStep step, MemoryState state, Action<LayerReading> each) => Step(step, state, each);

    private AdapterOutput Step(SegmentStep step, MemoryState state, Action<LayerReading>? each)
    {
        using var scope = NewDisposeScope();
        var slots = Layout.ReadMemory;
        var read = step.Rows is null ? state.Tokens : state.Tokens.index_select(0, step.Rows);       // [A, m, H]
        if (projection is not null) read = projection.call(read);                               // [A, m, E]
        var tokens = Backbone.Embed(step.TokenIds);                                             // [A, L, E]
        var window = cat([tokens[.., ..slots.Start], read, tokens[.., slots.End..]], dim: 1);   // [A, L, E]
        var hidden = each is null
            ? Backbone.Encode(window, step.Mask, Layout.RowsRead)                               // [A, R, H]
            : Layered.Encode(window, step.Mask, each)[.., Layout.RowsRead];                     // [A, R, H]
        // What is handed on keeps its type where products run in a narrower one: rounding would add up from segment to segment.
        var written = hidden[.., Layout.WriteMemory].to(state.Tokens.dtype);                    // [A, m, H]
        if (step.Rows is not null) written = state.Tokens.index_copy(0, step.Rows, written);    // [B, m, H]
        return new(hidden.MoveToOuterDisposeScope(), new(written.MoveToOuterDisposeScope()));
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
