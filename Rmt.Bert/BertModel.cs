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
    private readonly BertEncoder encoder;
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
        encoder = new(config);
        if (withPooler) pooler = new(config);
        RegisterComponents();
        if (initialize) BertInit.Draw(this, config.InitializerRange);
    }

    /// <summary>Sizes.</summary>
    public BertConfig Config { get; }

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

internal sealed class BertEmbeddings : nn.Module<Tensor, Tensor?, Tensor>
{
    private readonly Embedding word_embeddings;
    private readonly Embedding position_embeddings;
    private readonly Embedding token_type_embeddings;
    private readonly LayerNorm LayerNorm;
    private readonly Dropout dropout;

    internal BertEmbeddings(BertConfig config) : base(nameof(BertEmbeddings))
    {
        word_embeddings = BertInit.Table(config.VocabSize, config.HiddenSize);
        position_embeddings = BertInit.Table(config.MaxPositions, config.HiddenSize);
        token_type_embeddings = BertInit.Table(config.TypeVocabSize, config.HiddenSize);
        LayerNorm = nn.LayerNorm(config.HiddenSize, config.LayerNormEps);
        dropout = nn.Dropout(config.HiddenDropout);
        RegisterComponents();
    }

    internal Tensor Words(Tensor ids) => word_embeddings.call(ids);                             // [B, L, H]

    public override Tensor forward(Tensor words, Tensor? types)
    {
        using var scope = NewDisposeScope();
        var positions = position_embeddings.weight!.narrow(0, 0, words.shape[1]);               // [L, H]
        var kinds = types is null ? token_type_embeddings.weight!.narrow(0, 0, 1) : token_type_embeddings.call(types);
        var x = types is null ? words + (positions + kinds) : words + kinds + positions;        // [B, L, H]
        return dropout.call(LayerNorm.call(x)).MoveToOuterDisposeScope();
    }
}

internal sealed class BertEncoder : nn.Module<Tensor, Tensor?, Range, Tensor>
{
    private readonly ModuleList<BertLayer> layer;

    internal BertEncoder(BertConfig config) : base(nameof(BertEncoder))
    {
        layer = nn.ModuleList(Enumerable.Range(0, config.Layers).Select(_ => new BertLayer(config)).ToArray());
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Tensor? mask, Range rows)
    {
        using var scope = NewDisposeScope();
        var keys = Keys(mask);
        for (var i = 0; i < layer.Count; i++)
        {
            var next = layer[i].call(x, keys, i == layer.Count - 1 ? rows : Range.All);         // [B, L, H], at last [B, R, H]
            if (i > 0) x.Dispose();
            x = next;
        }
        return x.MoveToOuterDisposeScope();
    }

    internal List<Tensor> Layers(Tensor x, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var keys = Keys(mask);
        var outputs = new List<Tensor>();
        foreach (var one in layer)
        {
            x = one.call(x, keys, Range.All);
            outputs.Add(x);
        }
        foreach (var output in outputs) output.MoveToOuterDisposeScope();
        return outputs;
    }

    internal Tensor Trace(Tensor x, Tensor? mask, Action<int, Tensor, Func<Tensor>> each)
    {
        using var scope = NewDisposeScope();
        var keys = Keys(mask);
        for (var i = 0; i < layer.Count; i++)
        {
            using var shown = NewDisposeScope();
            var (input, one) = (x, layer[i]);
            x = one.call(input, keys, Range.All);                                               // [B, L, H]
            each(i, x, () => one.Attention(input, keys));
            if (i > 0) input.Dispose();
            _ = x.MoveToOuterDisposeScope();
        }
        return x.MoveToOuterDisposeScope();
    }

    internal void PrepareReading()
    {
        foreach (var one in layer) one.PrepareReading();
    }

    private static Tensor? Keys(Tensor? mask) => mask?.unsqueeze(1).unsqueeze(1);               // [B, 1, 1, L]
}

internal sealed class BertLayer : nn.Module<Tensor, Tensor?, Range, Tensor>
{
    private readonly BertAttention attention;
    private readonly BertIntermediate intermediate;
    private readonly BertOutput output;

    internal BertLayer(BertConfig config) : base(nameof(BertLayer))
    {
        attention = new(config);
        intermediate = new(config);
        output = new(config, config.IntermediateSize);
        RegisterComponents();
    }

    internal Tensor Attention(Tensor x, Tensor? keys) => attention.Probabilities(x, keys);

    internal void PrepareReading()
    {
        attention.PrepareReading();
        intermediate.PrepareReading();
        output.PrepareReading();
    }

    public override Tensor forward(Tensor x, Tensor? keys, Range rows)
    {
        using var scope = NewDisposeScope();
        var attended = attention.call(x, keys, rows);                                           // [B, R, H]
        return output.call(intermediate.call(attended), attended).MoveToOuterDisposeScope();    // [B, R, H]
    }
}

internal sealed class BertAttention : nn.Module<Tensor, Tensor?, Range, Tensor>
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

internal sealed class BertSelfAttention : nn.Module<Tensor, Tensor, Tensor?, Tensor>
{
    private readonly Linear query;
    private readonly Linear key;
    private readonly Linear value;
    private readonly int heads;
    private readonly double dropout;
    private PackedLinear? packed;

    internal BertSelfAttention(BertConfig config) : base(nameof(BertSelfAttention))
    {
        query = BertInit.Linear(config.HiddenSize, config.HiddenSize);
        key = BertInit.Linear(config.HiddenSize, config.HiddenSize);
        value = BertInit.Linear(config.HiddenSize, config.HiddenSize);
        (heads, dropout) = (config.Heads, config.AttentionDropout);
        RegisterComponents();
    }

    /// <summary>Softmax(QKᵀ/√d)V: queries from the rows that are read, keys and values from everywhere.</summary>
    public override Tensor forward(Tensor read, Tensor x, Tensor? keys)
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = Projected(read, x);                                                     // [B, heads, R, d], 2 × [B, heads, L, d]
        var y = nn.functional.scaled_dot_product_attention(q, k, v, keys, training ? dropout : 0);  // [B, heads, R, d]
        return y.transpose(1, 2).flatten(2).MoveToOuterDisposeScope();                          // [B, R, H]
    }

    // One product where every row is read, the three weights lie side by side and nothing is to be learnt.
    private (Tensor, Tensor, Tensor) Projected(Tensor read, Tensor x)
    {
        if (!ReferenceEquals(read, x) || is_grad_enabled() || AtOnce(x) is not { } product)
            return (Split(query.call(read)), Split(key.call(x)), Split(value.call(x)));
        var parts = product.unflatten(2, 3, heads, -1).unbind(2);                               // 3 × [B, L, heads, d]
        return (parts[0].transpose(1, 2), parts[1].transpose(1, 2), parts[2].transpose(1, 2));
    }

    // [B, L, H] → [B, L, 3 H]
    private Tensor? AtOnce(Tensor x) =>
        packed?.Apply(x) is { } product ? product
        : SideBySide.Whole(query.weight!, key.weight!, value.weight!) is { } weight && SideBySide.Whole(query.bias!, key.bias!, value.bias!) is { } bias
            ? nn.functional.linear(x, weight, bias) : null;

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
        Tensor q = Split(query.call(x)), k = Split(key.call(x));                                // [B, heads, L, d]
        var scores = q.matmul(k.transpose(-2, -1)) / Math.Sqrt(q.shape[^1]);                    // [B, heads, L, L]
        if (keys is not null) scores = scores.masked_fill(keys.logical_not(), double.NegativeInfinity);
        return nn.functional.softmax(scores, -1).MoveToOuterDisposeScope();
    }

    private Tensor Split(Tensor x) => x.unflatten(2, heads, -1).transpose(1, 2);               // [B, heads, L, d]
}

internal sealed class BertIntermediate : nn.Module<Tensor, Tensor>
{
    private readonly Linear dense;
    private readonly Func<Tensor, Tensor> activation;
    private readonly bool isGelu;
    private PackedLinear? packed;

    internal BertIntermediate(BertConfig config) : base(nameof(BertIntermediate))
    {
        dense = BertInit.Linear(config.HiddenSize, config.IntermediateSize);
        (activation, isGelu) = (Activations.Named(config.Activation), config.Activation == "gelu");
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return (packed?.Apply(x, gelu: true) ?? activation(dense.call(x))).MoveToOuterDisposeScope();   // [B, R, I]
    }

    internal void PrepareReading()
    {
        packed?.Dispose();
        packed = isGelu ? PackedLinear.Of([dense.weight!], [dense.bias!]) : null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) packed?.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Dense, dropout, residual, norm: the end of attention and of the feed-forward part.</summary>
internal sealed class BertOutput : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly Linear dense;
    private readonly LayerNorm LayerNorm;
    private readonly Dropout dropout;
    private PackedLinear? packed;

    internal BertOutput(BertConfig config, int width) : base(nameof(BertOutput))
    {
        dense = BertInit.Linear(width, config.HiddenSize);
        LayerNorm = nn.LayerNorm(config.HiddenSize, config.LayerNormEps);
        dropout = nn.Dropout(config.HiddenDropout);
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
        dense = BertInit.Linear(config.HiddenSize, config.HiddenSize);
        RegisterComponents();
    }

    public override Tensor forward(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return dense.call(hidden[.., 0]).tanh().MoveToOuterDisposeScope();                      // [B, H]
    }
}

internal static class BertInit
{
    // Biases are zero and norms are one from the start; the rest is drawn once, and only where no checkpoint will fill it.
    internal static void Draw(BertModel model, double std)
    {
        foreach (var (_, parameter) in model.named_parameters())
            if (parameter.ndim == 2) nn.init.normal_(parameter, 0, std);
    }

    internal static Linear Linear(long from, long to) => nn.Linear(nn.Parameter(empty([to, from])), nn.Parameter(zeros([to])));

    // The table is set and not given to the factory: TorchSharp's lists another one than it reads.
    internal static Embedding Table(long rows, long width)
    {
        var table = nn.Embedding(0, width);          // no row, so that no random number is drawn for it
        using var unused = table.weight;
        table.weight = (Parameter)nn.Parameter(empty([rows, width])).DetachFromDisposeScope();
        return table;
    }
}
