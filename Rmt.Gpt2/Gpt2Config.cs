using Rmt.Bert;

namespace Rmt.Gpt2;

/// <summary>The published hyper-parameters of a GPT-2, under the names of config.json; the defaults are the smallest's.</summary>
public sealed record Gpt2Config
{
    /// <summary>vocab_size: rows of the word table, and outputs for every token.</summary>
    public int VocabSize { get; init; } = 50257;

    /// <summary>n_embd: H.</summary>
    public int HiddenSize { get; init; } = 768;

    /// <summary>n_layer.</summary>
    public int Layers { get; init; } = 12;

    /// <summary>n_head; divides H.</summary>
    public int Heads { get; init; } = 12;

    /// <summary>n_inner: width inside a layer's feed-forward part; 4 H where config.json has null.</summary>
    public int? InnerSize { get; init; }

    /// <summary>activation_function: a name of <see cref="Activations"/>.</summary>
    public string Activation { get; init; } = "gelu_new";

    /// <summary>embd_pdrop.</summary>
    public double EmbeddingDropout { get; init; } = 0.1;

    /// <summary>resid_pdrop: behind attention and feed-forward part.</summary>
    public double HiddenDropout { get; init; } = 0.1;

    /// <summary>attn_pdrop.</summary>
    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>n_positions: the longest window.</summary>
    public int MaxPositions { get; init; } = 1024;

    /// <summary>layer_norm_epsilon.</summary>
    public double LayerNormEps { get; init; } = 1e-5;

    /// <summary>initializer_range: standard deviation of new weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>What is wrong with these numbers, under config.json's names; null when nothing is.</summary>
    public string? Problem()
    {
        foreach (var (name, value) in new[]
                 {
                     ("vocab_size", VocabSize), ("n_embd", HiddenSize), ("n_layer", Layers), ("n_head", Heads), ("n_inner", InnerSize ?? 1), ("n_positions", MaxPositions),
                 })
            if (value < 1) return $"{name} must be 1 or more, found {value}";
        foreach (var (name, value) in new[] { ("embd_pdrop", EmbeddingDropout), ("resid_pdrop", HiddenDropout), ("attn_pdrop", AttentionDropout) })
            if (value is not (>= 0 and < 1)) return $"{name} must lie between 0 and 1, found {value}";
        if (HiddenSize % Heads != 0) return $"n_embd {HiddenSize} is no multiple of n_head {Heads}";
        if (LayerNormEps <= 0 || !double.IsFinite(LayerNormEps)) return $"layer_norm_epsilon must be greater than 0, found {LayerNormEps}";
        if (InitializerRange <= 0 || !double.IsFinite(InitializerRange)) return $"initializer_range must be greater than 0, found {InitializerRange}";
        if (!Activations.Known(Activation)) return $"activation_function '{Activation}' is not supported; supported are {string.Join(", ", Activations.Names)}";
        return null;
    }
}
