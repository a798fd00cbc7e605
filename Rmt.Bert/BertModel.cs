using Rmt.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Bert;

/// <summary>BERT as published (Devlin et al. 2018), equal to Hugging Face's BertModel; the field names are the checkpoint's keys.</summary>
/// <remarks>B windows, L tokens, R rows that are read, H hidden size. Absolute positions 0 … L − 1 restart in every window.</remarks>
public sealed class BertModel : nn.Module<Tensor, Tensor?, Range, Tensor>
{
    private readonly BertEmbeddings embeddings;
    private readonly EncoderLayers encoder;
    private readonly BertPooler? pooler;

    /// <summary>New weights: N(0, initializer_range), biases 0, norms 1.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="withPooler">Whether the checkpoint has a pooler.</param>
    /// <param name="initialize">False where every weight will be loaded: then they are whatever memory held.</param>
    public BertModel(BertConfig config, bool withPooler = true, bool initialize = true) : base("bert")
    {
        if (config.Problem() is { } problem) throw new ArgumentException(problem, nameof(config));
        Config = config;
        embeddings = new(config);
        encoder = BertLayer.Stack(config);
        if (withPooler) pooler = new(config);
        RegisterComponents();
        if (initialize) Blank.Draw(this, config.InitializerRange);
    }

    /// <summary>Sizes.</summary>
    public BertConfig Config { get; }

    /// <inheritdoc cref="EncoderLayers.Fusion"/>
    public Fusion Fusion { get => encoder.Fusion; set => encoder.Fusion = value; }

    /// <inheritdoc cref="EncoderLayers.Recomputes"/>
    public bool Recomputes { get => encoder.Recomputes; set => encoder.Recomputes = value; }

    /// <inheritdoc cref="EncoderLayers.TakesFastGelu"/>
    public bool TakesFastGelu { get => encoder.TakesFastGelu; set => encoder.TakesFastGelu = value; }

    /// <summary>Whether <see cref="Pool"/> can be asked.</summary>
    public bool HasPooler => pooler is not null;

    /// <summary>Rows of the word table: [B, L] int64 → [B, L, H].</summary>
    public Tensor Words(Tensor tokenIds) => embeddings.Words(tokenIds);

    /// <summary>Word rows → what enters the first layer: positions, types, norm, dropout. [B, L, H] → [B, L, H].</summary>
    /// <param name="words">[B, L, H]</param>
    /// <param name="tokenTypes">[B, L] int64; null is type 0 throughout.</param>
    public Tensor Embed(Tensor words, Tensor? tokenTypes = null) => embeddings.call(words, tokenTypes);

    /// <summary>Word rows → last hidden states in the rows asked for. [B, L, H] → [B, R, H].</summary>
    /// <param name="words">[B, L, H], from <see cref="Words"/> or anything of that kind.</param>
    /// <param name="mask">[B, L] bool, true where a token may be looked at; null: everywhere.</param>
    /// <param name="rows">What the caller will read; the last layer computes no others.</param>
    public override Tensor forward(Tensor words, Tensor? mask, Range rows)
    {
        using var scope = NewDisposeScope();
        var x = encoder.call(embeddings.call(words, null), mask, rows);                         // [B, R, H]
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>Token ids, and memory in the place of some, → last hidden states in the rows asked for, in fused steps; null where the encoder reads as it is written.</summary>
    /// <param name="tokenIds">[B, L] int64</param>
    /// <param name="memory">[B, m, H]</param>
    /// <param name="slots">Where it stands.</param>
    /// <param name="mask">As for <see cref="forward"/>.</param>
    /// <param name="rows">As for <see cref="forward"/>.</param>
    /// <returns>[B, R, H]</returns>
    public Tensor? Read(Tensor tokenIds, Tensor memory, Range slots, Tensor? mask, Range rows)
    {
        if (!encoder.ReadsFused(memory)) return null;
        using var scope = NewDisposeScope();
        return encoder.call(embeddings.Read(tokenIds, memory, slots), mask, rows).MoveToOuterDisposeScope();
    }

    /// <summary>Puts weights in the order in which reading wants them: what queries, keys and values are made with side by side, so that they are one product,
    /// and where <see cref="PackedLinear"/> has something for this processor and type, a second copy of the layers' matrices. The same parameters, which may go on
    /// learning; to be asked again after that or a move, and while nobody reads.</summary>
    public void PrepareReading() => encoder.PrepareReading();

    /// <summary>The output of every layer, in order: what a reader of one wants. Each [B, L, H]; the caller frees them.</summary>
    /// <param name="embedded">From <see cref="Embed"/>.</param>
    /// <param name="mask">As for <see cref="forward"/>.</param>
    public IReadOnlyList<Tensor> Layers(Tensor embedded, Tensor? mask) => encoder.Layers(embedded, mask);

    /// <summary>Word rows → last hidden states, every layer shown on the way. [B, L, H] → [B, L, H].</summary>
    /// <param name="words">As for <see cref="forward"/>.</param>
    /// <param name="mask">As for <see cref="forward"/>.</param>
    /// <param name="each">Is given the number of a layer, from 0, its output [B, L, H], and what computes its attention [B, heads, L, L]:
    /// row i holds what token i takes from every other, and sums to 1. All of it is the callee's only until it returns.</param>
    public Tensor Trace(Tensor words, Tensor? mask, Action<int, Tensor, Func<Tensor>> each)
    {
        using var scope = NewDisposeScope();
        return encoder.Trace(embeddings.call(words, null), mask, each).MoveToOuterDisposeScope();
    }

    /// <summary>tanh(W h₀ + b) of the first row: [B, R, H] → [B, H].</summary>
    /// <exception cref="InvalidOperationException">The checkpoint had no pooler.</exception>
    public Tensor Pool(Tensor hidden) => (pooler ?? throw new InvalidOperationException("this BERT has no pooler")).call(hidden);
}

/// <summary>Word rows, and what is added to them: position, type, norm, dropout.</summary>
public sealed class BertEmbeddings : nn.Module<Tensor, Tensor?, Tensor>
{
    private readonly Embedding word_embeddings;
    private readonly Embedding position_embeddings;
    private readonly Embedding token_type_embeddings;
    private readonly LayerNorm LayerNorm;
    private readonly Dropout dropout;
    private readonly int firstPosition;
    private readonly double eps;

    /// <param name="config">Sizes.</param>
    /// <param name="width">E, where it is not H.</param>
    /// <param name="firstPosition">The row of the position table that a window's first token has.</param>
    public BertEmbeddings(BertConfig config, int? width = null, int firstPosition = 0) : base(nameof(BertEmbeddings))
    {
        var embedding = width ?? config.HiddenSize;
        (this.firstPosition, eps) = (firstPosition, config.LayerNormEps);
        word_embeddings = Blank.Table(config.VocabSize, embedding);
        position_embeddings = Blank.Table(config.MaxPositions, embedding);
        token_type_embeddings = Blank.Table(config.TypeVocabSize, embedding);
        LayerNorm = nn.LayerNorm(embedding, config.LayerNormEps);
        dropout = nn.Dropout(config.HiddenDropout);
        RegisterComponents();
    }

    /// <summary>Rows of the word table: [B, L] int64 → [B, L, E].</summary>
    public Tensor Words(Tensor ids) => word_embeddings.call(ids);                               // [B, L, E]

    /// <summary>What a window is before the first layer, in one fused step, memory in the place of some words: [B, L] int64 → [B, L, E].</summary>
    /// <param name="ids">[B, L] int64</param>
    /// <param name="memory">[B, m, E]</param>
    /// <param name="slots">Where it stands.</param>
    public Tensor Read(Tensor ids, Tensor memory, Range slots)
    {
        using var scope = NewDisposeScope();
        var positions = position_embeddings.weight!.narrow(0, firstPosition, ids.shape[1]);     // [L, E]
        return FusedReading.EmbedNorm(ids, word_embeddings.weight!, positions, token_type_embeddings.weight![0], memory, slots.Start.Value, LayerNorm.weight!, LayerNorm.bias!, eps)
            .MoveToOuterDisposeScope();
    }

    /// <summary>[B, L, E], and types [B, L] int64, or null for type 0 throughout → [B, L, E].</summary>
    public override Tensor forward(Tensor words, Tensor? types)
    {
        using var scope = NewDisposeScope();
        var positions = position_embeddings.weight!.narrow(0, firstPosition, words.shape[1]);   // [L, E]
        var kinds = types is null ? token_type_embeddings.weight!.narrow(0, 0, 1) : token_type_embeddings.call(types);
        var x = types is null ? words + (positions + kinds) : words + kinds + positions;        // [B, L, E]
        return dropout.call(LayerNorm.call(x)).MoveToOuterDisposeScope();
    }
}

/// <summary>Attention and feed-forward part, each followed by residual and norm.</summary>
public sealed partial class BertLayer : EncoderLayer
{
    private readonly BertAttention attention;
    private readonly BertIntermediate intermediate;
    private readonly BertOutput output;

    private BertLayer(BertConfig config) : base(nameof(BertLayer))
    {
        attention = new(config);
        intermediate = new(config);
        output = new(config, config.IntermediateSize);
        RegisterComponents();
    }

    /// <summary>All layers of a configuration: the encoder of BERT, RoBERTa and ELECTRA.</summary>
    public static EncoderLayers Stack(BertConfig config) => new(Enumerable.Range(0, config.Layers).Select(_ => new BertLayer(config)));

    /// <inheritdoc/>
    public override Tensor Attention(Tensor x, Tensor? keys) => attention.Probabilities(x, keys);

    /// <inheritdoc/>
    public override void PrepareReading()
    {
        attention.PrepareReading();
        intermediate.PrepareReading();
        output.PrepareReading();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x, Tensor? keys, Range rows)
    {
        using var scope = NewDisposeScope();
        var attended = attention.call(x, keys, rows);                                           // [B, R, H]
        return output.call(intermediate.call(attended), attended).MoveToOuterDisposeScope();    // [B, R, H]
    }
}

internal sealed partial class BertAttention : nn.Module<Tensor, Tensor?, Range, Tensor>
{
    private readonly BertSelfAttention self;
    private readonly BertOutput output;

    internal BertAttention(BertConfig config) : base(nameof(BertAttention))
    {
        self = new(config);
        output = new(config, config.HiddenSize);
        RegisterComponents();
    }

    internal Tensor Probabilities(Tensor x, Tensor? keys) => self.Probabilities(x, keys);

    internal void PrepareReading()
    {
        self.PrepareReading();
        output.PrepareReading();
    }

    public override Tensor forward(Tensor x, Tensor? keys, Range rows)
    {
        using var scope = NewDisposeScope();
        var read = rows.Equals(Range.All) ? x : x[.., rows];                                    // [B, R, H]
        return output.call(self.call(read, x, keys), read).MoveToOuterDisposeScope();           // [B, R, H]
    }
}

internal sealed partial class BertSelfAttention : nn.Module<Tensor, Tensor, Tensor?, Tensor>
{
    private readonly Linear query;
    private readonly Linear key;
    private readonly Linear value;
    private readonly int heads;
    private readonly double dropout;
    private PackedLinear? packed;

    internal BertSelfAttention(BertConfig config) : base(nameof(BertSelfAttention))
    {
        query = Blank.Linear(config.HiddenSize, config.HiddenSize);
        key = Blank.Linear(config.HiddenSize, config.HiddenSize);
        value = Blank.Linear(config.HiddenSize, config.HiddenSize);
        (heads, dropout) = (config.Heads, config.AttentionDropout);
        RegisterComponents();
    }

    /// <summary>Softmax(QKᵀ/√d)V: queries from the rows that are read, keys and values from everywhere.</summary>
    public override Tensor forward(Tensor read, Tensor x, Tensor? keys)
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = Projected(read, x);                                                     // [B, heads, R, d], 2 × [B, heads, L, d]
        return MultiHead.Attend(q, k, v, keys, training ? dropout : 0).MoveToOuterDisposeScope();   // [B, R, H]
    }

    // One product where every row is read, the three weights lie side by side and nothing is to be learnt.
    private (Tensor, Tensor, Tensor) Projected(Tensor read, Tensor x)
    {
        if (!ReferenceEquals(read, x) || is_grad_enabled())
            return (Split(query.call(read)), Split(key.call(x)), Split(value.call(x)));
        Tensor[] parts = packed?.Apply(x) is { } product ? [.. MultiHead.Parts(product, 3, heads)] : MultiHead.Project(x, heads, query, key, value);      // 3 × [B, heads, L, d]
        return (parts[0], parts[1], parts[2]);
    }

    internal void PrepareReading()
    {
        SideBySide.Put(query.weight!, key.weight!, value.weight!);
        SideBySide.Put(query.bias!, key.bias!, value.bias!);
        packed?.Dispose();
        packed = PackedLinear.Of([query.weight!, key.weight!, value.weight!], [query.bias!, key.bias!, value.bias!]);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) packed?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Softmax(QKᵀ/√d), what forward multiplies V with; it does so without ever holding it.</summary>
    internal Tensor Probabilities(Tensor x, Tensor? keys)
    {
        using var scope = NewDisposeScope();
        return MultiHead.Probabilities(Split(query.call(x)), Split(key.call(x)), keys).MoveToOuterDisposeScope();   // [B, heads, L, L]
    }

    private Tensor Split(Tensor x) => MultiHead.Split(x, heads);                                // [B, heads, L, d]
}

internal sealed partial class BertIntermediate : nn.Module<Tensor, Tensor>
{
    private readonly Linear dense;
    private readonly Activation activation;
    private PackedLinear? packed;

    internal BertIntermediate(BertConfig config) : base(nameof(BertIntermediate))
    {
        dense = Blank.Linear(config.HiddenSize, config.IntermediateSize);
        activation = new(config.Activation);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => packed?.Apply(x, gelu: true) ?? activation.Of(x, dense);      // [B, R, I]

    internal void PrepareReading()
    {
        packed?.Dispose();
        packed = activation.IsGelu ? PackedLinear.Of([dense.weight!], [dense.bias!]) : null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) packed?.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Dense, dropout, residual, norm: the end of attention and of the feed-forward part.</summary>
internal sealed partial class BertOutput : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly Linear dense;
    private readonly LayerNorm LayerNorm;
    private readonly Dropout dropout;
    private readonly double dropped, eps;
    private PackedLinear? packed;

    internal BertOutput(BertConfig config, int width) : base(nameof(BertOutput))
    {
        dense = Blank.Linear(width, config.HiddenSize);
        LayerNorm = nn.LayerNorm(config.HiddenSize, config.LayerNormEps);
        dropout = nn.Dropout(config.HiddenDropout);
        (dropped, eps) = (config.HiddenDropout, config.LayerNormEps);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Tensor residual)
    {
        using var scope = NewDisposeScope();
        var sum = training ? null : packed?.Apply(x, residual);                                 // [B, R, H]
        return LayerNorm.call(sum ?? dropout.call(dense.call(x)) + residual).MoveToOuterDisposeScope();     // [B, R, H]
    }

    internal void PrepareReading()
    {
        packed?.Dispose();
        packed = PackedLinear.Of([dense.weight!], [dense.bias!]);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) packed?.Dispose();
        base.Dispose(disposing);
    }
}

internal sealed class BertPooler : nn.Module<Tensor, Tensor>
{
    private readonly Linear dense;

    internal BertPooler(BertConfig config) : base(nameof(BertPooler))
    {
        dense = Blank.Linear(config.HiddenSize, config.HiddenSize);
        RegisterComponents();
    }

    public override Tensor forward(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return dense.call(hidden[.., 0]).tanh().MoveToOuterDisposeScope();                      // [B, H]
    }
}
