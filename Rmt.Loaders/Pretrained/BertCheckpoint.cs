using System.Text.Json;
using Rmt.Bert;

namespace Rmt.Loaders;

/// <summary>A Hugging Face folder to a BERT.</summary>
public static class BertCheckpoint
{
    /// <summary>model_type in config.json.</summary>
    public const string ModelType = "bert";

    private const string Prefix = "bert.";

    /// <summary>config.json of a BERT, every number checked.</summary>
    /// <exception cref="LoadException">Another family, or something that is not supported; the message names it.</exception>
    public static BertConfig ReadConfig(ModelFolder folder)
    {
        var json = folder.Config;
        if (json.Text("model_type") is var type && type != ModelType) throw json.Wrong("model_type", $"\"{ModelType}\", the family that is supported");
        if (json.Text("position_embedding_type", "absolute") != "absolute") throw json.Wrong("position_embedding_type", "\"absolute\", the kind that is supported");
        foreach (var flag in new[] { "is_decoder", "add_cross_attention" })
            if (json.Flag(flag, false)) throw json.Wrong(flag, "false: BERT is an encoder here");
        var config = new BertConfig
        {
            VocabSize = json.Positive("vocab_size"),
            HiddenSize = json.Positive("hidden_size"),
            Layers = json.Positive("num_hidden_layers"),
            Heads = json.Positive("num_attention_heads"),
            IntermediateSize = json.Positive("intermediate_size"),
            Activation = json.Choice("hidden_act", [.. Activations.Names], "gelu"),
            HiddenDropout = json.Number("hidden_dropout_prob", 0.1),
            AttentionDropout = json.Number("attention_probs_dropout_prob", 0.1),
            ClassifierDropout = json.Has("classifier_dropout") ? json.Number("classifier_dropout") : null,
            MaxPositions = json.Positive("max_position_embeddings"),
            TypeVocabSize = json.Positive("type_vocab_size", 2),
            LayerNormEps = json.Number("layer_norm_eps", 1e-12),
            InitializerRange = json.Number("initializer_range", 0.02),
            PadTokenId = json.Whole("pad_token_id", 0, int.MaxValue, 0),
        };
        return config.Problem() is { } problem ? throw new LoadException(json.Path, $"{problem}.") : config;
    }

    /// <summary>Configuration and weights; a pooler if the file has one.</summary>
    /// <exception cref="LoadException">Anything is missing, unexpected or of another shape; one message names all of it.</exception>
    public static BertModel Load(ModelFolder folder) => Load(folder, out _);

    /// <summary>The same, with the report of what was read.</summary>
    public static BertModel Load(ModelFolder folder, out LoadReport report) => Load(folder, copy: true, out report);

    /// <summary>The same with other dropout.</summary>
    /// <param name="folder">Configuration and weights.</param>
    /// <param name="dropout">Of hidden states and attention, from 0 to below 1; null: the configuration's.</param>
    internal static BertModel Load(ModelFolder folder, double? dropout) => Load(folder, copy: true, out _, dropout);

    /// <summary>A BERT of the folder's configuration with random weights: N(0, initializer_range), biases 0, norms 1.</summary>
    internal static BertModel Random(ModelFolder folder, double? dropout) => new(With(ReadConfig(folder), dropout));

    /// <summary>Writes config.json, as <see cref="ReadConfig"/> and transformers read it.</summary>
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

    private static BertConfig With(BertConfig config, double? dropout) => dropout is not { } share ? config
        : config with { HiddenDropout = share, AttentionDropout = share, ClassifierDropout = share };

    // Without copying it is a model of the right shape, whose weights are whatever memory held: memory that is not touched costs nothing.
    internal static BertModel Load(ModelFolder folder, bool copy, out LoadReport report, double? dropout = null)
    {
        var config = With(ReadConfig(folder), dropout);
        using var weights = folder.OpenWeights();
        var names = weights.Entries.Select(entry => entry.Name).ToList();
        var map = WeightMap.For(names, Prefix);
        CheckSizes(weights, map, config);
        var model = new BertModel(config, withPooler: names.Any(name => map.Parameter(name)?.StartsWith("pooler.", StringComparison.Ordinal) == true), initialize: false);
        try
        {
            report = WeightLoader.Load(model, weights, map, copy).RequireComplete();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    // Before anything is allocated by what config.json claims: the largest tables must be in the file, and as many numbers as it takes.
    private static void CheckSizes(Checkpoint weights, WeightMap map, BertConfig config)
    {
        var layers = weights.Entries.Select(entry => map.Parameter(entry.Name)).OfType<string>()
            .Where(name => name.StartsWith("encoder.layer.", StringComparison.Ordinal)).Select(name => name.Split('.')[2]).Distinct().Count();
        if (layers != config.Layers)
            throw new LoadException(weights.Path, $"has {layers} encoder layers; config.json (num_hidden_layers) says {config.Layers}.");
        Require("embeddings.word_embeddings.weight", "vocab_size, hidden_size", config.VocabSize, config.HiddenSize);
        Require("embeddings.position_embeddings.weight", "max_position_embeddings, hidden_size", config.MaxPositions, config.HiddenSize);
        Require("embeddings.token_type_embeddings.weight", "type_vocab_size, hidden_size", config.TypeVocabSize, config.HiddenSize);
        Require("encoder.layer.0.intermediate.dense.weight", "intermediate_size, hidden_size", config.IntermediateSize, config.HiddenSize);
        var (needed, held) = (Numbers(config), weights.Entries.Sum(entry => entry.Items));
        if (needed > held)
            throw new LoadException(weights.Path, $"holds {held} numbers; the backbone that config.json (hidden_size, intermediate_size, num_hidden_layers) describes has {needed}.");

        void Require(string parameter, string keys, params long[] shape)
        {
            var entry = weights.Entries.FirstOrDefault(entry => map.Parameter(entry.Name) == parameter)
                ?? throw new LoadException(weights.Path, $"has no tensor {Quoted.Name(parameter)}; it has {weights.Entries.Count}: {Quoted.List([.. weights.Entries.Select(e => e.Name)], 5)}. Is it a BERT?");
            if (!entry.Shape.SequenceEqual(shape))
                throw new LoadException(weights.Path, $"tensor {Quoted.Name(entry.Name)} is {Quoted.Shape(entry.Shape)}; config.json ({keys}) needs {Quoted.Shape(shape)}.");
        }
    }

    // Without a pooler. 128 bits: hidden_size² × num_hidden_layers reaches 2^93.
    private static Int128 Numbers(BertConfig config)
    {
        Int128 h = config.HiddenSize, i = config.IntermediateSize;
        var embeddings = (config.VocabSize + (Int128)config.MaxPositions + config.TypeVocabSize + 2) * h;
        var layer = 4 * (h * h + h) + (2 * h * i) + i + h + (4 * h);     // four projections of attention, two of feed-forward, two norms
        return embeddings + (config.Layers * layer);
    }
}
