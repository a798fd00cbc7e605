using Rmt.Bert;

namespace Rmt.Electra;

/// <summary>The published hyper-parameters of an ELECTRA, under the names of config.json; the defaults are electra-small's discriminator.</summary>
public sealed record ElectraConfig : BertConfig
{
    /// <summary>electra-small-discriminator.</summary>
    public ElectraConfig() => (HiddenSize, Heads, IntermediateSize) = (256, 4, 1024);

    /// <summary>embedding_size: E, the width of token embeddings, positions, types and their norm.</summary>
    public int EmbeddingSize { get; init; } = 128;

    /// <inheritdoc/>
    public override string? Problem() => base.Problem() ?? (EmbeddingSize < 1 ? $"embedding_size must be 1 or more, found {EmbeddingSize}" : null);
}
