using Rmt.Bert;

namespace Rmt.DistilBert;

/// <summary>The published hyper-parameters of a DistilBERT, under the names of config.json; the defaults are distilbert-base's.</summary>
public sealed record DistilBertConfig
{
    /// <summary>vocab_size: rows of the word table.</summary>
    public int VocabSize { get; init; } = 30522;

    /// <summary>dim: H.</summary>
    public int HiddenSize { get; init; } = 768;

    /// <summary>n_layers.</summary>
    public int Layers { get; init; } = 6;

    /// <summary>n_heads; divides H.</summary>
    public int Heads { get; init; } = 12;

    /// <summary>hidden_dim: width inside a layer's feed-forward part.</summary>
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>activation: a name of <see cref="Activations"/>.</summary>
    public string Activation { get; init; } = "gelu";

    /// <summary>dropout: of hidden states.</summary>
    public double HiddenDropout { get; init; } = 0.1;

    /// <summary>attention_dropout.</summary>
    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>seq_classif_dropout: before the outputs of a classifier.</summary>
    public double ClassifierDropout { get; init; } = 0.2;

    /// <summary>max_position_embeddings: the longest window.</summary>
    public int MaxPositions { get; init; } = 512;

    /// <summary>initializer_range: standard deviation of new weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>What is wrong with these numbers, under config.json's names; null when nothing is.</summary>
    public string? Problem()
    {
        foreach (var (name, value) in new[]
                 {
                     ("vocab_size", VocabSize), ("dim", HiddenSize), ("n_layers", Layers), ("n_heads", Heads), ("hidden_dim", IntermediateSize), ("max_position_embeddings", MaxPositions),
                 })
            if (value < 1) return $"{name} must be 1 or more, found {value}";
        foreach (var (name, value) in new[] { ("dropout", HiddenDropout), ("attention_dropout", AttentionDropout), ("seq_classif_dropout", ClassifierDropout) })
            if (value is not (>= 0 and < 1)) return $"{name} must lie between 0 and 1, found {value}";
        if (HiddenSize % Heads != 0) return $"dim {HiddenSize} is no multiple of n_heads {Heads}";
        if (InitializerRange <= 0 || !double.IsFinite(InitializerRange)) return $"initializer_range must be greater than 0, found {InitializerRange}";
        if (!Activations.Known(Activation)) return $"activation '{Activation}' is not supported; supported are {string.Join(", ", Activations.Names)}";
        return null;
    }
}
