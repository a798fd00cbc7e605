using Rmt.Electra;

namespace Rmt.Loaders;

/// <summary>ELECTRA's files.</summary>
internal static class ElectraCheckpoint
{
    private static readonly string[] Leftovers =
    [
        "embeddings.position_ids", "embeddings.token_type_ids",                             // buffers that older versions of transformers saved
        "discriminator_predictions.", "generator_predictions.", "generator_lm_head.",       // pre-training's
        "classifier.", "qa_outputs.",                                                       // heads of classifiers and of question answering
    ];

    public static BackbonePlan Plan(JsonFile json, double? dropout)
    {
        var read = EncoderFiles.ReadConfig(json, new ElectraConfig(), dropout);
        var config = read with { EmbeddingSize = json.Positive("embedding_size", read.EmbeddingSize) };
        var claims = EncoderFiles.Claims(config, config.EmbeddingSize, "embedding_size");
        return new()
        {
            Make = names => new ElectraBackbone(new ElectraModel(config, initialize: names is null)),
            VocabularySize = config.VocabSize,
            Prefix = "electra.",
            Leftovers = Leftovers,
            Claims = config.EmbeddingSize == config.HiddenSize ? claims : claims with
            {
                Tables = [.. claims.Tables, new("embeddings_project.weight", "hidden_size, embedding_size", config.HiddenSize, config.EmbeddingSize)],
            },
        };
    }
}
