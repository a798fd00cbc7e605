using Rmt.Bert;
using Rmt.DistilBert;

namespace Rmt.Loaders;

/// <summary>DistilBERT's files.</summary>
internal static class DistilBertCheckpoint
{
    private static readonly string[] Leftovers =
    [
        "embeddings.position_ids",                                      // a buffer that older versions of transformers saved
        "vocab_transform.", "vocab_layer_norm.", "vocab_projector.",    // pre-training's
        "pre_classifier.", "classifier.", "qa_outputs.",                // heads of classifiers and of question answering
    ];

    public static BackbonePlan Plan(JsonFile json, double? dropout)
    {
        var config = Read(json, dropout);
        var claims = new WeightClaims("transformer.layer.", config.Layers, "n_layers",
            [
                new("embeddings.word_embeddings.weight", "vocab_size, dim", config.VocabSize, config.HiddenSize),
                new("embeddings.position_embeddings.weight", "max_position_embeddings, dim", config.MaxPositions, config.HiddenSize),
                new("transformer.layer.0.ffn.lin1.weight", "hidden_dim, dim", config.IntermediateSize, config.HiddenSize),
            ],
            EncoderFiles.Embeddings(config.VocabSize + (Int128)config.MaxPositions, config.HiddenSize) + EncoderFiles.Layers(config.Layers, config.HiddenSize, config.IntermediateSize),
            "dim, hidden_dim, n_layers");
        return new()
        {
            Make = names => new DistilBertBackbone(new DistilBertModel(config, initialize: names is null)),
            VocabularySize = config.VocabSize,
            Prefix = "distilbert.",
            Leftovers = Leftovers,
            Claims = claims,
        };
    }

    private static DistilBertConfig Read(JsonFile json, double? dropout)
    {
        var defaults = new DistilBertConfig();
        var config = new DistilBertConfig
        {
            VocabSize = json.Positive("vocab_size"),
            HiddenSize = json.Positive("dim"),
            Layers = json.Positive("n_layers"),
            Heads = json.Positive("n_heads"),
            IntermediateSize = json.Positive("hidden_dim"),
            Activation = json.Choice("activation", [.. Activations.Names], defaults.Activation),
            HiddenDropout = dropout ?? json.Number("dropout", defaults.HiddenDropout),
            AttentionDropout = dropout ?? json.Number("attention_dropout", defaults.AttentionDropout),
            ClassifierDropout = dropout ?? json.Number("seq_classif_dropout", defaults.ClassifierDropout),
            MaxPositions = json.Positive("max_position_embeddings"),
            InitializerRange = json.Number("initializer_range", defaults.InitializerRange),
        };
        return config.Problem() is { } problem ? throw new LoadException(json.Path, $"{problem}.") : config;
    }
}
