using System.Text.Json;
using Rmt.Bert;

namespace Rmt.Loaders;

/// <summary>BERT's files.</summary>
public static class BertCheckpoint
{
    /// <summary>model_type in config.json.</summary>
    public const string ModelType = "bert";

    private static readonly string[] Leftovers =
    [
        "embeddings.position_ids",     // 0 … 511, a buffer that older versions of transformers saved
        "embeddings.token_type_ids",   // the same for token types
        "cls.",                        // the heads of pre-training
        "classifier.",                 // a head of BertForSequenceClassification and BertForTokenClassification
        "qa_outputs.",                 // the head of BertForQuestionAnswering
    ];

    /// <summary>Configuration and weights; a pooler if the file has one.</summary>
    /// <exception cref="LoadException">Anything is missing, unexpected or of another shape; one message names all of it.</exception>
    public static BertModel Load(ModelFolder folder) => Load(folder, out _);

    /// <summary>The same, with the report of what was read.</summary>
    public static BertModel Load(ModelFolder folder, out LoadReport report) =>
        folder.Config.Choice("model_type", [ModelType]) is ModelType ? ((BertBackbone)AutoBackbone.Load(folder, Plan(folder.Config, dropout: null), copy: true, out report)).Model : throw new InvalidOperationException(ModelType);

    /// <summary>Writes config.json, as <see cref="AutoBackbone"/> and transformers read it.</summary>
    public static void WriteConfig(string folder, BertConfig config)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteStartArray("architectures");
            json.WriteStringValue("BertModel");
            json.WriteEndArray();
            json.WriteString("model_type", ModelType);
            json.WriteNumber("vocab_size", config.VocabSize);
            json.WriteNumber("hidden_size", config.HiddenSize);
            json.WriteNumber("num_hidden_layers", config.Layers);
            json.WriteNumber("num_attention_heads", config.Heads);
            json.WriteNumber("intermediate_size", config.IntermediateSize);
            json.WriteString("hidden_act", config.Activation);
            json.WriteNumber("hidden_dropout_prob", config.HiddenDropout);
            json.WriteNumber("attention_probs_dropout_prob", config.AttentionDropout);
            if (config.ClassifierDropout is { } classifier) json.WriteNumber("classifier_dropout", classifier);
            json.WriteNumber("max_position_embeddings", config.MaxPositions);
            json.WriteNumber("type_vocab_size", config.TypeVocabSize);
            json.WriteNumber("layer_norm_eps", config.LayerNormEps);
            json.WriteNumber("initializer_range", config.InitializerRange);
            json.WriteNumber("pad_token_id", config.PadTokenId);
            json.WriteString("position_embedding_type", "absolute");
            json.WriteEndObject();
        }
        AtomicFile.Write(Path.Combine(folder, "config.json"), stream.ToArray());
    }

    internal static BackbonePlan Plan(JsonFile json, double? dropout)
    {
        var config = EncoderFiles.ReadConfig(json, new BertConfig(), dropout);
        return new()
        {
            Make = names => new BertBackbone(new BertModel(config, withPooler: names?.Contains("pooler.dense.weight") ?? true, initialize: names is null)),
            VocabularySize = config.VocabSize,
            Prefix = "bert.",
            Leftovers = Leftovers,
            ClassifierNeeds = "pooler.dense.weight",
            Claims = EncoderFiles.Claims(config, config.HiddenSize, "hidden_size"),
        };
    }
}
