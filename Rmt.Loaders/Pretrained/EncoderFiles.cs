using Rmt.Bert;

namespace Rmt.Loaders;

/// <summary>What the files of BERT and of the families with its body, RoBERTa and ELECTRA, have in common.</summary>
internal static class EncoderFiles
{
    /// <summary>The keys that all of them have, every number checked.</summary>
    /// <param name="json">config.json.</param>
    /// <param name="defaults">The family's, for the keys that may be absent.</param>
    /// <param name="dropout">Everywhere instead of the configuration's; null: the configuration's.</param>
    /// <exception cref="LoadException">Something is wrong or not supported; the message names it.</exception>
    public static T ReadConfig<T>(JsonFile json, T defaults, double? dropout) where T : BertConfig
    {
        if (json.Text("position_embedding_type", "absolute") != "absolute") throw json.Wrong("position_embedding_type", "\"absolute\", the kind that is supported");
        foreach (var flag in new[] { "is_decoder", "add_cross_attention" })
            if (json.Flag(flag, false)) throw json.Wrong(flag, "false: what this family is here is an encoder");
        var config = defaults with
        {
            VocabSize = json.Positive("vocab_size"),
            HiddenSize = json.Positive("hidden_size"),
            Layers = json.Positive("num_hidden_layers"),
            Heads = json.Positive("num_attention_heads"),
            IntermediateSize = json.Positive("intermediate_size"),
            Activation = json.Choice("hidden_act", [.. Activations.Names], defaults.Activation),
            HiddenDropout = dropout ?? json.Number("hidden_dropout_prob", defaults.HiddenDropout),
            AttentionDropout = dropout ?? json.Number("attention_probs_dropout_prob", defaults.AttentionDropout),
            ClassifierDropout = dropout ?? (json.Has("classifier_dropout") ? json.Number("classifier_dropout") : null),
            MaxPositions = json.Positive("max_position_embeddings"),
            TypeVocabSize = json.Positive("type_vocab_size", defaults.TypeVocabSize),
            LayerNormEps = json.Number("layer_norm_eps", defaults.LayerNormEps),
            InitializerRange = json.Number("initializer_range", defaults.InitializerRange),
            PadTokenId = json.Whole("pad_token_id", 0, int.MaxValue, defaults.PadTokenId),
        };
        return config.Problem() is { } problem ? throw new LoadException(json.Path, $"{problem}.") : config;
    }

    /// <summary>Embeddings and layers under the names of BERT.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="width">E.</param>
    /// <param name="widthKey">The key that says so.</param>
    public static WeightClaims Claims(BertConfig config, int width, string widthKey) => new("encoder.layer.", config.Layers, "num_hidden_layers",
        [
            new("embeddings.word_embeddings.weight", $"vocab_size, {widthKey}", config.VocabSize, width),
            new("embeddings.position_embeddings.weight", $"max_position_embeddings, {widthKey}", config.MaxPositions, width),
            new("embeddings.token_type_embeddings.weight", $"type_vocab_size, {widthKey}", config.TypeVocabSize, width),
            new("encoder.layer.0.intermediate.dense.weight", "intermediate_size, hidden_size", config.IntermediateSize, config.HiddenSize),
        ],
        Embeddings(config.VocabSize + (Int128)config.MaxPositions + config.TypeVocabSize, width) + Layers(config.Layers, config.HiddenSize, config.IntermediateSize),
        "hidden_size, intermediate_size, num_hidden_layers");

    /// <summary>Numbers of the tables and of one norm.</summary>
    public static Int128 Embeddings(Int128 rows, int width) => (rows + 2) * width;

    /// <summary>Numbers of layers of four projections of attention, two of feed-forward and two norms.</summary>
    public static Int128 Layers(int layers, Int128 h, Int128 i) => layers * (4 * (h * h + h) + (2 * h * i) + i + h + (4 * h));
}
