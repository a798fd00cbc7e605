using Rmt.Bert;
using static TorchSharp.torch;

namespace Rmt.Roberta;

/// <summary>RoBERTa as published (Liu et al. 2019), equal to Hugging Face's RobertaModel without its pooler; the field names are the checkpoint's keys.</summary>
/// <remarks>B windows, L tokens, R rows that are read, E = H hidden size. BERT's body. Positions begin behind the padding index, as they do in the original wherever
/// embeddings come in and not ids; where ids come in, a window that is padded on its left counts otherwise there.</remarks>
public sealed class RobertaModel : nn.Module<Tensor, Tensor?, Range, Tensor>
{
    private readonly BertEmbeddings embeddings;
    private readonly EncoderLayers encoder;

    /// <summary>New weights: N(0, initializer_range), biases 0, norms 1.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="initialize">False where every weight will be loaded: then they are whatever memory held.</param>
    public RobertaModel(RobertaConfig config, bool initialize = true) : base("roberta")
    {
        if (config.Problem() is { } problem) throw new ArgumentException(problem, nameof(config));
        Config = config;
        embeddings = new(config, firstPosition: config.FirstPosition);
        encoder = BertLayer.Stack(config);
        RegisterComponents();
        if (initialize) Blank.Draw(this, config.InitializerRange);
    }

    /// <summary>Sizes.</summary>
    public RobertaConfig Config { get; }

    /// <inheritdoc cref="EncoderLayers.Fusion"/>
    public Fusion Fusion { get => encoder.Fusion; set => encoder.Fusion = value; }

    /// <inheritdoc cref="EncoderLayers.Recomputes"/>
    public bool Recomputes { get => encoder.Recomputes; set => encoder.Recomputes = value; }

    /// <inheritdoc cref="EncoderLayers.TakesFastGelu"/>
    public bool TakesFastGelu { get => encoder.TakesFastGelu; set => encoder.TakesFastGelu = value; }

    /// <summary>Rows of the word table: [B, L] int64 → [B, L, E].</summary>
    public Tensor Words(Tensor tokenIds) => embeddings.Words(tokenIds);

    /// <summary>Word rows → what enters the first layer: positions, type 0, norm, dropout. [B, L, H] → [B, L, H].</summary>
    public Tensor Embed(Tensor words) => embeddings.call(words, null);

    /// <summary>Word rows → last hidden states in the rows asked for. [B, L, E] → [B, R, H].</summary>
    /// <param name="words">From <see cref="Words"/> or anything of that kind.</param>
    /// <param name="mask">[B, L] bool, true where a token may be looked at; null: everywhere.</param>
    /// <param name="rows">What the caller will read; the last layer computes no others.</param>
    public override Tensor forward(Tensor words, Tensor? mask, Range rows)
    {
        using var scope = NewDisposeScope();
        return encoder.call(Embed(words), mask, rows).MoveToOuterDisposeScope();                  // [B, R, H]
    }

    /// <summary>Word rows → last hidden states of all rows, every layer shown on the way, as <see cref="EncoderLayers.Trace"/> has it.</summary>
    public Tensor Trace(Tensor words, Tensor? mask, Action<int, Tensor, Func<Tensor>> each)
    {
        using var scope = NewDisposeScope();
        return encoder.Trace(Embed(words), mask, each).MoveToOuterDisposeScope();                 // [B, L, H]
    }

    /// <summary>Token ids, and memory in the place of some, → last hidden states in the rows asked for, in fused steps; null where the encoder reads as it is written.</summary>
    /// <param name="tokenIds">[B, L] int64</param>
    /// <param name="memory">[B, m, E]</param>
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

    /// <summary>As <see cref="EncoderLayers.PrepareReading"/>.</summary>
    public void PrepareReading() => encoder.PrepareReading();
}
