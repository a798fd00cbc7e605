using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>A text between two of its tokens: all that is needed to go on, in another process too.</summary>
/// <param name="SegmentsRead">Full segments that are in memory.</param>
/// <param name="Memory">[m × H]: what they left; empty where there were none.</param>
/// <param name="Open">Tokens of the segment behind them, which is not closed yet.</param>
public sealed record GenerationState(long SegmentsRead, ReadOnlyMemory<float> Memory, ReadOnlyMemory<int> Open);

/// <summary>Reads a text of any length and goes on with it, token by token: memory goes from segment to segment, and inside a segment what was read is kept.</summary>
/// <remarks>
/// A text is cut from its beginning, since it has no end yet. Its last segment has read memory only, as the paper's authors have it; when a token is to
/// stand behind a full segment, memory is written behind that, taken, and the next segment begins with it. So where reading ends and
/// writing begins makes no difference. One thread at a time.
/// </remarks>
public sealed class RecurrentGenerator : IDisposable
{
    private readonly RecurrentMemoryAdapter adapter;
    private readonly ILanguageBackbone backbone;
    private readonly IGrowingWindow window;         // holds memory and the first tokens of the open segment, or nothing yet
    private readonly List<int> open = [];
    private Tensor memory;                          // [1, m, H], what the open segment begins with
    private Tensor? last;                           // [1, 1, H], of the last token that is in the window

    /// <summary>Begins a text.</summary>
    /// <param name="model">In evaluation mode afterwards; not disposed with this.</param>
    /// <param name="state">A text to go on with; null: a new one.</param>
    /// <exception cref="ArgumentException">The state is of a model with another memory, another window or other tokens.</exception>
    public RecurrentGenerator(RecurrentLanguageModel model, GenerationState? state = null)
    {
        adapter = model.Adapter;
        backbone = (ILanguageBackbone)adapter.Backbone;
        model.eval();
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var initial = adapter.InitialMemory(1).Tokens;                                          // [1, m, H]
        if (state is { SegmentsRead: > 0 } && state.Memory.Length != initial.numel())
            throw new ArgumentException($"the state has {state.Memory.Length} numbers of memory, the model {initial.numel()}", nameof(state));
        if (state?.Open.Length > adapter.Layout.TokensPerSegment)
            throw new ArgumentException($"the state has {state.Open.Length} tokens of an open segment, the model's have {adapter.Layout.TokensPerSegment} at most", nameof(state));
        if (state is not null) adapter.CheckTokens(state.Open.Span, "the open segment");
        memory = (state is { SegmentsRead: > 0 } ? tensor(state.Memory.ToArray(), initial.shape, device: adapter.Device).to(initial.dtype) : initial.clone()).DetachFromDisposeScope();
        SegmentsRead = state?.SegmentsRead ?? 0;
        if (state is not null) open.AddRange(state.Open.Span);
        window = backbone.BeginWindow(adapter.Layout.Window);
    }

    /// <summary>Full segments that are in memory.</summary>
    public long SegmentsRead { get; private set; }

    /// <summary>Tokens of the text so far.</summary>
    public long Tokens => SegmentsRead * adapter.Layout.TokensPerSegment + open.Count;

    /// <summary>The text so far, as far as it counts for what follows.</summary>
    public GenerationState State
    {
        get
        {
            using var scope = NewDisposeScope();
            return new(SegmentsRead, SegmentsRead == 0 ? default : memory.to(float32).cpu().flatten().data<float>().ToArray(), open.ToArray());
        }
    }

    /// <summary>Reads more of the text.</summary>
    /// <param name="tokens">Any number.</param>
    /// <param name="cancellation">Ends the work between two segments; what was read till then counts.</param>
    /// <exception cref="ArgumentException">A token is none of the model's: nothing was read.</exception>
    public void Read(ReadOnlySpan<int> tokens, CancellationToken cancellation = default)
    {
        adapter.CheckTokens(tokens, "the text");
        while (tokens.Length > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            if (open.Count == adapter.Layout.TokensPerSegment) Close();
            var taken = Math.Min(tokens.Length, adapter.Layout.TokensPerSegment - open.Count);
            open.AddRange(tokens[..taken]);
            tokens = tokens[taken..];
        }
    }

    /// <summary>Goes on with the text. Each token is part of it when it comes; whoever asks for no more leaves a text that can be gone on with.</summary>
    /// <param name="options">How; null: 128 tokens, the likeliest each time.</param>
    /// <param name="cancellation">Ends the work between two tokens.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    /// <exception cref="InvalidOperationException">There is no text yet: nothing says what a text begins with.</exception>
    public IEnumerable<int> Generate(GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        var how = options ?? new();
        how.Check();
        return Tokens > 0 ? Following(how, cancellation) : throw new InvalidOperationException("there is no text to go on with: nothing says what a text begins with. Read one token or more first.");
    }

    /// <summary>What may follow the text so far: V logits.</summary>
    /// <exception cref="InvalidOperationException">There is no text yet.</exception>
    public float[] Logits()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        if (window.Length < Kept(open.Count))
        {
            last?.Dispose();
            last = Append(^1.., writes: false).DetachFromDisposeScope();                        // [1, 1, H]
        }
        var hidden = last ?? throw new InvalidOperationException("there is no text to go on with");
        return backbone.Logits(hidden).to(float32).cpu().flatten().data<float>().ToArray();     // [V]
    }

    /// <summary>Frees memory and what was kept; not the model.</summary>
    public void Dispose()
    {
        window.Dispose();
        memory.Dispose();
        last?.Dispose();
    }

    private IEnumerable<int> Following(GenerationOptions options, CancellationToken cancellation)
    {
        var sampler = new TokenSampler(options);
        for (var made = 0; made < options.MaxTokens; made++)
        {
            cancellation.ThrowIfCancellationRequested();
            var token = sampler.Next(Logits(), Tokens);
            if (options.StopTokens.Contains(token)) yield break;
            Read([token], CancellationToken.None);
            yield return token;
        }
    }

    // Memory behind a full segment: what it leaves is what the next one begins with.
    private void Close()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        if (adapter.Layout.MemoryTokens > 0)
        {
            var written = Append(^adapter.Layout.MemoryTokens.., writes: true).to(memory.dtype).DetachFromDisposeScope();    // [1, m, H]
            memory.Dispose();
            memory = written;
        }
        window.Clear();
        open.Clear();
        SegmentsRead++;
    }

    // Puts what is not there yet into the window: memory in front, tokens, memory behind.
    private Tensor Append(Range rows, bool writes)
    {
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        var there = window.Length == 0 ? 0 : window.Length - adapter.Layout.MemoryTokens;
        if (window.Length == 0 && adapter.Layout.MemoryTokens > 0) parts.Add(adapter.Entering(memory));        // [1, m, E]
        if (there < open.Count)
        {
            var ids = open.Skip(there).Select(id => (long)id).ToArray();
            parts.Add(backbone.Embed(tensor(ids, [1, ids.Length], device: adapter.Device)));    // [1, P, E]
        }
        if (writes) parts.Add(adapter.Entering(memory));                                        // [1, m, E]
        return window.Append(parts.Count == 1 ? parts[0] : cat(parts, dim: 1), rows).MoveToOuterDisposeScope();      // [1, R, H]
    }

    private int Kept(int tokens) => tokens == 0 ? 0 : adapter.Layout.MemoryTokens + tokens;
}
