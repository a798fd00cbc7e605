using Rmt.Bert;
using Rmt.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.DistilBert;

/// <summary>DistilBERT as published (Sanh et al. 2019), equal to Hugging Face's DistilBertModel; the field names are the checkpoint's keys.</summary>
/// <remarks>B windows, L tokens, R rows that are read, E = H hidden size. BERT's layers under names of their own, without token types and pooler.</remarks>
public sealed class DistilBertModel : nn.Module<Tensor, Tensor?, Range, Tensor>
{
    private readonly DistilBertEmbeddings embeddings;
    private readonly EncoderLayers transformer;

    /// <summary>New weights: N(0, initializer_range), biases 0, norms 1.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="initialize">False where every weight will be loaded: then they are whatever memory held.</param>
    public DistilBertModel(DistilBertConfig config, bool initialize = true) : base("distilbert")
    {
        if (config.Problem() is { } problem) throw new ArgumentException(problem, nameof(config));
        Config = config;
        embeddings = new(config);
        transformer = new(Enumerable.Range(0, config.Layers).Select(_ => new DistilBertLayer(config)));
        RegisterComponents();
        if (initialize) Blank.Draw(this, config.InitializerRange);
    }

    /// <summary>Sizes.</summary>
    public DistilBertConfig Config { get; }

    /// <inheritdoc cref="EncoderLayers.Fusion"/>
    public Fusion Fusion { get => transformer.Fusion; set => transformer.Fusion = value; }

    /// <inheritdoc cref="EncoderLayers.TakesFastGelu"/>
    public bool TakesFastGelu { get => transformer.TakesFastGelu; set => transformer.TakesFastGelu = value; }

    /// <inheritdoc cref="EncoderLayers.Recomputes"/>
    public bool Recomputes { get => transformer.Recomputes; set => transformer.Recomputes = value; }

    /// <summary>Rows of the word table: [B, L] int64 → [B, L, E].</summary>
    public Tensor Words(Tensor tokenIds) => embeddings.Words(tokenIds);

    /// <summary>Word rows → what enters the first layer: positions, norm, dropout. [B, L, H] → [B, L, H].</summary>
    public Tensor Embed(Tensor words) => embeddings.call(words);

    /// <summary>Word rows → last hidden states in the rows asked for. [B, L, E] → [B, R, H].</summary>
    /// <param name="words">From <see cref="Words"/> or anything of that kind.</param>
    /// <param name="mask">[B, L] bool, true where a token may be looked at; null: everywhere.</param>
    /// <param name="rows">What the caller will read; the last layer computes no others.</param>
    public override Tensor forward(Tensor words, Tensor? mask, Range rows)
    {
        using var scope = NewDisposeScope();
        return transformer.call(Embed(words), mask, rows).MoveToOuterDisposeScope();                  // [B, R, H]
    }

    /// <summary>Word rows → last hidden states of all rows, every layer shown on the way, as <see cref="EncoderLayers.Trace"/> has it.</summary>
    public Tensor Trace(Tensor words, Tensor? mask, Action<int, Tensor, Func<Tensor>> each)
    {
        using var scope = NewDisposeScope();
        return transformer.Trace(Embed(words), mask, each).MoveToOuterDisposeScope();                 // [B, L, H]
    }

    /// <summary>Token ids, and memory in the place of some, → last hidden states in the rows asked for, in fused steps; null where layers read as they are written.</summary>
    /// <param name="tokenIds">[B, L] int64</param>
    /// <param name="memory">[B, m, H]</param>
    /// <param name="slots">Where it stands.</param>
    /// <param name="mask">As for <see cref="forward"/>.</param>
    /// <param name="rows">As for <see cref="forward"/>.</param>
    /// <returns>[B, R, H]</returns>
    public Tensor? Read(Tensor tokenIds, Tensor memory, Range slots, Tensor? mask, Range rows)
    {
        if (!transformer.ReadsFused(memory)) return null;
        using var scope = NewDisposeScope();
        return transformer.call(embeddings.Read(tokenIds, memory, slots), mask, rows).MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="EncoderLayers.PrepareReading"/>.</summary>
    public void PrepareReading() => transformer.PrepareReading();
}

internal sealed class DistilBertEmbeddings : nn.Module<Tensor, Tensor>
{
    private readonly Embedding word_embeddings;
    private readonly Embedding position_embeddings;
    private readonly LayerNorm LayerNorm;
    private readonly Dropout dropout;

    internal DistilBertEmbeddings(DistilBertConfig config) : base(nameof(DistilBertEmbeddings))
    {
        word_embeddings = Blank.Table(config.VocabSize, config.HiddenSize);
        position_embeddings = Blank.Table(config.MaxPositions, config.HiddenSize);
        LayerNorm = nn.LayerNorm(config.HiddenSize, DistilBertLayer.Eps);
        dropout = nn.Dropout(config.HiddenDropout);
        RegisterComponents();
    }

    internal Tensor Words(Tensor ids) => word_embeddings.call(ids);                             // [B, L, H]

    public override Tensor forward(Tensor words)
    {
        using var scope = NewDisposeScope();
        var positions = position_embeddings.weight!.narrow(0, 0, words.shape[1]);               // [L, H]
        return dropout.call(LayerNorm.call(words + positions)).MoveToOuterDisposeScope();       // [B, L, H]
    }

    // In one fused step, memory [B, m, H] in the place of some words: [B, L] int64 → [B, L, H].
    internal Tensor Read(Tensor ids, Tensor memory, Range slots)
    {
        using var scope = NewDisposeScope();
        var positions = position_embeddings.weight!.narrow(0, 0, ids.shape[1]);                 // [L, H]
        return FusedReading.EmbedNorm(ids, word_embeddings.weight!, positions, null, memory, slots.Start.Value, LayerNorm.weight!, LayerNorm.bias!, DistilBertLayer.Eps)
            .MoveToOuterDisposeScope();                                                         // [B, L, H]
    }
}

internal sealed class DistilBertLayer : EncoderLayer
{
    // A constant of the published model, not in config.json.
    internal const double Eps = 1e-12;

    private readonly DistilBertAttention attention;
    private readonly LayerNorm sa_layer_norm;
    private readonly DistilBertFeedForward ffn;
    private readonly LayerNorm output_layer_norm;

    internal DistilBertLayer(DistilBertConfig config) : base(nameof(DistilBertLayer))
    {
        attention = new(config);
        sa_layer_norm = nn.LayerNorm(config.HiddenSize, Eps);
        ffn = new(config);
        output_layer_norm = nn.LayerNorm(config.HiddenSize, Eps);
        RegisterComponents();
    }

    public override Tensor Attention(Tensor x, Tensor? keys) => attention.Probabilities(x, keys);

    public override Tensor forward(Tensor x, Tensor? keys, Range rows)
    {
        using var scope = NewDisposeScope();
        var read = rows.Equals(Range.All) ? x : x[.., rows];                                    // [B, R, H]
        var attended = sa_layer_norm.call(attention.call(read, x, keys) + read);                // [B, R, H]
        return output_layer_norm.call(ffn.call(attended) + attended).MoveToOuterDisposeScope(); // [B, R, H]
    }

    /// <inheritdoc/>
    public override bool CanReadFused => true;

    /// <inheritdoc/>
    public override Tensor ReadFused(Tensor x, Tensor? keys, Range rows, bool fastGelu)
    {
        using var scope = NewDisposeScope();
        var read = rows.Equals(Range.All) ? x : x[.., rows];                                    // [B, R, H]
        var (product, bias) = attention.ReadFused(read, x, keys);                               // [B, R, H], [H]
        var attended = FusedReading.AddNorm(product, bias, read, sa_layer_norm.weight!, sa_layer_norm.bias!, Eps);      // [B, R, H]
        (product, bias) = ffn.ReadFused(attended, fastGelu);
        return FusedReading.AddNorm(product, bias, attended, output_layer_norm.weight!, output_layer_norm.bias!, Eps).MoveToOuterDisposeScope();     // [B, R, H]
    }

    /// <inheritdoc/>
    public override void PrepareReading() => attention.PrepareReading();
}

internal sealed class DistilBertAttention : nn.Module<Tensor, Tensor, Tensor?, Tensor>
{
    private readonly Linear q_lin;
    private readonly Linear k_lin;
    private readonly Linear v_lin;
    private readonly Linear out_lin;
    private readonly int heads;
    private readonly double dropout;

    internal DistilBertAttention(DistilBertConfig config) : base(nameof(DistilBertAttention))
    {
        q_lin = Blank.Linear(config.HiddenSize, config.HiddenSize);
        k_lin = Blank.Linear(config.HiddenSize, config.HiddenSize);
        v_lin = Blank.Linear(config.HiddenSize, config.HiddenSize);
        out_lin = Blank.Linear(config.HiddenSize, config.HiddenSize);
        (heads, dropout) = (config.Heads, config.AttentionDropout);
        RegisterComponents();
    }

    /// <summary>Queries from the rows that are read, keys and values from everywhere. No dropout behind it, unlike BERT's.</summary>
    public override Tensor forward(Tensor read, Tensor x, Tensor? keys)
    {
        using var scope = NewDisposeScope();
        var y = MultiHead.Attend(Split(q_lin.call(read)), Split(k_lin.call(x)), Split(v_lin.call(x)), keys, training ? dropout : 0);
        return out_lin.call(y).MoveToOuterDisposeScope();                                       // [B, R, H]
    }

    // The product behind attention, and the bias that is not added yet.
    internal (Tensor Product, Tensor Bias) ReadFused(Tensor read, Tensor x, Tensor? keys)
    {
        using var scope = NewDisposeScope();
        Tensor[] parts = ReferenceEquals(read, x) ? MultiHead.Project(x, heads, q_lin, k_lin, v_lin) : [.. MultiHead.Project(read, heads, q_lin), .. MultiHead.Project(x, heads, k_lin, v_lin)];
        var y = MultiHead.Attend(parts[0], parts[1], parts[2], keys, 0);                        // [B, R, H]
        return (nn.functional.linear(y, out_lin.weight!).MoveToOuterDisposeScope(), out_lin.bias!);
    }

    internal void PrepareReading()
    {
        SideBySide.Put(q_lin.weight!, k_lin.weight!, v_lin.weight!);
        SideBySide.Put(q_lin.bias!, k_lin.bias!, v_lin.bias!);
    }

    internal Tensor Probabilities(Tensor x, Tensor? keys)
    {
        using var scope = NewDisposeScope();
        return MultiHead.Probabilities(Split(q_lin.call(x)), Split(k_lin.call(x)), keys).MoveToOuterDisposeScope();     // [B, heads, L, L]
    }

    private Tensor Split(Tensor x) => MultiHead.Split(x, heads);                                // [B, heads, L, d]
}

internal sealed class DistilBertFeedForward : nn.Module<Tensor, Tensor>
{
    private readonly Linear lin1;
    private readonly Linear lin2;
    private readonly Dropout dropout;
    private readonly Activation activation;

    internal DistilBertFeedForward(DistilBertConfig config) : base(nameof(DistilBertFeedForward))
    {
        lin1 = Blank.Linear(config.HiddenSize, config.IntermediateSize);
        lin2 = Blank.Linear(config.IntermediateSize, config.HiddenSize);
        dropout = nn.Dropout(config.HiddenDropout);
        activation = new(config.Activation);
        RegisterComponents();
    }

    // The second product, and the bias that is not added yet.
    internal (Tensor Product, Tensor Bias) ReadFused(Tensor x, bool fastGelu)
    {
        using var scope = NewDisposeScope();
        var bent = activation.ReadFused(x, lin1, fastGelu);                                     // [B, R, I]
        return (nn.functional.linear(bent, lin2.weight!).MoveToOuterDisposeScope(), lin2.bias!);
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return dropout.call(lin2.call(activation.Of(x, lin1))).MoveToOuterDisposeScope();     // [B, R, H]
    }
}

/// <summary>The head: a dense layer of its own, then the outputs; saved as <c>pre_classifier.*</c> [H, H] and <c>classifier.*</c> [C, H]. [B, H] → [B, C].</summary>
internal sealed class DistilBertHead : nn.Module<Tensor, Tensor>
{
    private readonly Linear pre_classifier;
    private readonly Linear classifier;
    private readonly Dropout dropout;

    internal DistilBertHead(DistilBertConfig config, int labels) : base(nameof(DistilBertHead))
    {
        pre_classifier = Blank.Linear(config.HiddenSize, config.HiddenSize);
        classifier = Blank.Linear(config.HiddenSize, labels);
        dropout = nn.Dropout(config.ClassifierDropout);
        RegisterComponents();
        Blank.Draw(this, config.InitializerRange);
    }

    public override Tensor forward(Tensor pooled)
    {
        using var scope = NewDisposeScope();
        return classifier.call(dropout.call(pre_classifier.call(pooled).relu())).MoveToOuterDisposeScope();     // [B, C]
    }
}
