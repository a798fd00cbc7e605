using Rmt.Bert;

namespace Rmt.Roberta;

/// <summary>The published hyper-parameters of a RoBERTa, under the names of config.json; the defaults are roberta-base's.</summary>
public sealed record RobertaConfig : BertConfig
{
    /// <summary>roberta-base.</summary>
    public RobertaConfig() => (VocabSize, MaxPositions, TypeVocabSize, LayerNormEps, PadTokenId) = (50265, 514, 1, 1e-5, 1);

    /// <summary>The row of the position table that a window's first token has: those up to pad_token_id's are padding's.</summary>
    public int FirstPosition => PadTokenId + 1;

    /// <summary>The longest window: 512 of 514.</summary>
    public int MaxWindow => MaxPositions - FirstPosition;

    /// <inheritdoc/>
    public override string? Problem() => base.Problem()
        ?? (MaxWindow < 1 ? $"max_position_embeddings must be {FirstPosition + 1} or more, since positions begin behind pad_token_id {PadTokenId}, found {MaxPositions}" : null);
}
