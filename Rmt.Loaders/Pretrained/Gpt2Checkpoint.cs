using System.Text.Json;
using Rmt.Bert;
using Rmt.Gpt2;

namespace Rmt.Loaders;

/// <summary>GPT-2's files.</summary>
public static class Gpt2Checkpoint
{
    private static readonly string[] Leftovers =
    [
        ".attn.bias", ".attn.masked_bias",                      // who sees whom, a buffer that older versions of transformers saved
        "lm_head.weight",                                       // the word table once more
        "score.", "classifier.", "multiple_choice_head.",       // heads of classifiers
    ];

    /// <summary>Writes config.json, as <see cref="AutoBackbone"/> and transformers read it.</summary>
    public static void WriteConfig(string folder, Gpt2Config config)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteStartArray("architectures");
            json.WriteStringValue("GPT2LMHeadModel");
            json.WriteEndArray();
            json.WriteString("model_type", "gpt2");
            json.WriteNumber("vocab_size", config.VocabSize);
            json.WriteNumber("n_embd", config.HiddenSize);
            json.WriteNumber("n_layer", config.Layers);
            json.WriteNumber("n_head", config.Heads);
            if (config.InnerSize is { } inner) json.WriteNumber("n_inner", inner);
            json.WriteNumber("n_positions", config.MaxPositions);
            json.WriteString("activation_function", config.Activation);
            json.WriteNumber("embd_pdrop", config.EmbeddingDropout);
            json.WriteNumber("resid_pdrop", config.HiddenDropout);
            json.WriteNumber("attn_pdrop", config.AttentionDropout);
            json.WriteNumber("layer_norm_epsilon", config.LayerNormEps);
            json.WriteNumber("initializer_range", config.InitializerRange);
            json.WriteEndObject();
        }
        AtomicFile.Write(Path.Combine(folder, "config.json"), stream.ToArray());
    }

    internal static BackbonePlan Plan(JsonFile json, double? dropout)
    {
        var config = Read(json, dropout);
        Int128 h = config.HiddenSize, inner = config.InnerSize ?? 4 * config.HiddenSize;
        return new()
        {
            Make = names => new Gpt2Backbone(new Gpt2Model(config, initialize: names is null)),
            VocabularySize = config.VocabSize,
            Prefix = "transformer.",
            Leftovers = Leftovers,
            WindowKey = "n_positions",
            Claims = new("h.", config.Layers, "n_layer",
                [
                    new("wte.weight", "vocab_size, n_embd", config.VocabSize, config.HiddenSize),
                    new("wpe.weight", "n_positions, n_embd", config.MaxPositions, config.HiddenSize),
                    new("h.0.mlp.c_fc.weight", "n_embd, n_inner", config.HiddenSize, (long)inner),
                ],
                EncoderFiles.Embeddings(config.VocabSize + (Int128)config.MaxPositions, config.HiddenSize) + EncoderFiles.Layers(config.Layers, h, inner),
                "n_embd, n_inner, n_layer"),
        };
    }

    private static Gpt2Config Read(JsonFile json, double? dropout)
    {
        if (json.Flag("add_cross_attention", false)) throw json.Wrong("add_cross_attention", "false: a decoder that stands alone");
        if (!json.Flag("scale_attn_weights", true)) throw json.Wrong("scale_attn_weights", "true: scores are divided by the root of a head's width");
        if (json.Flag("scale_attn_by_inverse_layer_idx", false)) throw json.Wrong("scale_attn_by_inverse_layer_idx", "false: all layers divide alike");
        if (!json.Flag("tie_word_embeddings", true)) throw json.Wrong("tie_word_embeddings", "true: what follows is read from the word table");
        var defaults = new Gpt2Config();
        var config = new Gpt2Config
        {
            VocabSize = json.Positive("vocab_size"),
            HiddenSize = json.Positive("n_embd"),
            Layers = json.Positive("n_layer"),
            Heads = json.Positive("n_head"),
            InnerSize = json.Has("n_inner") ? json.Positive("n_inner") : null,
            Activation = json.Choice("activation_function", [.. Activations.Names], defaults.Activation),
            EmbeddingDropout = dropout ?? json.Number("embd_pdrop", defaults.EmbeddingDropout),
            HiddenDropout = dropout ?? json.Number("resid_pdrop", defaults.HiddenDropout),
            AttentionDropout = dropout ?? json.Number("attn_pdrop", defaults.AttentionDropout),
            MaxPositions = json.Positive("n_positions"),
            LayerNormEps = json.Number("layer_norm_epsilon", defaults.LayerNormEps),
            InitializerRange = json.Number("initializer_range", defaults.InitializerRange),
        };
        return config.Problem() is { } problem ? throw new LoadException(json.Path, $"{problem}.") : config;
    }
}
