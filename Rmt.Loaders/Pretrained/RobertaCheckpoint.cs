using Rmt.Roberta;

namespace Rmt.Loaders;

/// <summary>RoBERTa's files.</summary>
internal static class RobertaCheckpoint
{
    private static readonly string[] Leftovers =
    [
        "embeddings.position_ids", "embeddings.token_type_ids",      // buffers that older versions of transformers saved
        "pooler.",                                                   // of RobertaModel, which no classifier of the family reads
        "lm_head.",                                                  // pre-training's
        "classifier.", "qa_outputs.",                                // heads of classifiers and of question answering
    ];

    public static BackbonePlan Plan(JsonFile json, double? dropout)
    {
        var config = EncoderFiles.ReadConfig(json, new RobertaConfig(), dropout);
        return new()
        {
            Make = names => new RobertaBackbone(new RobertaModel(config, initialize: names is null)),
            VocabularySize = config.VocabSize,
            Prefix = "roberta.",
            Leftovers = Leftovers,
            Claims = EncoderFiles.Claims(config, config.HiddenSize, "hidden_size"),
        };
    }
}
