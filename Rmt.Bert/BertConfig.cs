namespace Rmt.Bert;

/// <summary>The published hyper-parameters of a BERT, under the names of config.json; the defaults are bert-base's. Families with the same
/// body add to it what they have of their own.</summary>
public record BertConfig
{
    /// <summary>vocab_size: rows of the word table.</summary>
    public int VocabSize { get; init; } = 30522;

    /// <summary>hidden_size: H.</summary>
    public int HiddenSize { get; init; } = 768;

    /// <summary>num_hidden_layers.</summary>
    public int Layers { get; init; } = 12;

    /// <summary>num_attention_heads; divides H.</summary>
    public int Heads { get; init; } = 12;

    /// <summary>intermediate_size: width inside a layer's feed-forward part.</summary>
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>hidden_act: a name of <see cref="Activations"/>.</summary>
    public string Activation { get; init; } = "gelu";

    /// <summary>hidden_dropout_prob.</summary>
    public double HiddenDropout { get; init; } = 0.1;

    /// <summary>attention_probs_dropout_prob.</summary>
    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>classifier_dropout; where absent, the hidden one.</summary>
    public double? ClassifierDropout { get; init; }

    /// <summary>max_position_embeddings: the longest window.</summary>
    public int MaxPositions { get; init; } = 512;

    /// <summary>type_vocab_size: token types; the adapter uses type 0.</summary>
    public int TypeVocabSize { get; init; } = 2;

    /// <summary>layer_norm_eps.</summary>
    public double LayerNormEps { get; init; } = 1e-12;

    /// <summary>initializer_range: standard deviation of new weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>pad_token_id.</summary>
    public int PadTokenId { get; init; }

    /// <summary>What is wrong with these numbers, under config.json's names; null when nothing is.</summary>
    public virtual string? Problem()
    {
        foreach (var (name, value) in new[]
                 {
                     ("vocab_size", VocabSize), ("hidden_size", HiddenSize), ("num_hidden_layers", Layers), ("num_attention_heads", Heads),
                     ("intermediate_size", IntermediateSize), ("max_position_embeddings", MaxPositions), ("type_vocab_size", TypeVocabSize),
                 })
            if (value < 1) return $"{name} must be 1 or more, found {value}";
        foreach (var (name, value) in new[]
                 {
                     ("hidden_dropout_prob", HiddenDropout), ("attention_probs_dropout_prob", AttentionDropout), ("classifier_dropout", ClassifierDropout ?? 0),
                 })
            if (value is not (>= 0 and < 1)) return $"{name} must lie between 0 and 1, found {value}";
        if (HiddenSize % Heads != 0) return $"hidden_size {HiddenSize} is no multiple of num_attention_heads {Heads}";
        if (LayerNormEps <= 0 || !double.IsFinite(LayerNormEps)) return $"layer_norm_eps must be greater than 0, found {LayerNormEps}";
        if (InitializerRange <= 0 || !double.IsFinite(InitializerRange)) return $"initializer_range must be greater than 0, found {InitializerRange}";
        if (PadTokenId < 0 || PadTokenId >= VocabSize) return $"pad_token_id {PadTokenId} is no row of a vocabulary of {VocabSize}";
        if (!Activations.Known(Activation)) return $"hidden_act '{Activation}' is not supported; supported are {string.Join(", ", Activations.Names)}";
        return null;
    }
}
