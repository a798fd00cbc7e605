using System.Text.Json.Nodes;
using Rmt.Bert;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Loaders.Tests.Mutations;

/// <summary>Saved classifiers as small as they can be, made here: every kind of file that is read, each good.</summary>
internal static class Corpus
{
    private const int Hidden = 8, Intermediate = 12, Positions = 24, Memory = 2;
    private static readonly string[] Words = [.. OwnTokenizer.Specials, "[MASK]", "a", "cat", "##s", "sat", "on", "the", "mat", ".", ",", "é", "漢"];

    private static readonly string[] Merges = ["Ġ c", "a t", "Ġc at", "t h", "th e", "Ġ the", "Ã ©"];
    private static readonly string[] BytesSpecials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"];

    /// <summary>WordPiece and byte-level BPE, each twice: one file of weights with tokenizer.json; shards with the older files and what belongs to them.
    /// File name → bytes.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, byte[]>> Models()
    {
        var bytes = OwnBytes.Vocabulary(Merges).Concat(BytesSpecials).ToList();
        AddedToken[] added = [.. BytesSpecials.Select(content => new AddedToken(-1, content) { Special = true, LeftStrip = content == "<mask>" })];
        return
        [
            .. Pair(Words.Length + 1, OwnTokenizer.Json(Words, null, new AddedToken(-1, "[X]") { Special = true }), folder =>
            {
                _ = folder.Write("vocab.txt", string.Join('\n', Words) + "\n");
                _ = folder.Write("tokenizer_config.json", """{"do_lower_case":true,"strip_accents":null,"tokenizer_class":"BertTokenizer","cls_token":"[CLS]","pad_token":{"content":"[PAD]","lstrip":false}}""");
                _ = folder.Write("special_tokens_map.json", """{"sep_token":"[SEP]","additional_special_tokens":["[Y]",{"content":"[MASK]","rstrip":true}]}""");
                _ = folder.Write("added_tokens.json", $$"""{"[Y]":{{Words.Length}}}""");
            }),
            .. Pair(bytes.Count, OwnBytes.Json(Merges, false, added), folder =>
            {
                _ = folder.Write("vocab.json", new JsonObject(bytes.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))).ToJsonString());
                _ = folder.Write("merges.txt", "#version: 0.2\n" + string.Join('\n', Merges) + "\n");
                _ = folder.Write("tokenizer_config.json", """{"add_prefix_space":true,"tokenizer_class":"RobertaTokenizer","mask_token":{"content":"<mask>","lstrip":true,"normalized":true}}""");
            }),
        ];
    }

    private static IEnumerable<IReadOnlyDictionary<string, byte[]>> Pair(int vocabularySize, JsonObject tokenizerJson, Action<TempFolder> writeOlder)
    {
        using var folder = new TempFolder();
        using var scope = NewDisposeScope();
        _ = manual_seed(1);
        var config = new BertConfig
        {
            VocabSize = vocabularySize, HiddenSize = Hidden, Layers = 2, Heads = 2, IntermediateSize = Intermediate, MaxPositions = Positions,
        };
        using var bert = new BertModel(config, withPooler: true, initialize: true);
        var backbone = bert.named_parameters().Select(entry => (Name: entry.name, Value: (Tensor)entry.parameter)).ToList();
        TensorWriter.Write(folder["rmt_model.safetensors"], [("memory", randn([Memory, Hidden])), ("classifier.weight", randn([2, Hidden])), ("classifier.bias", zeros([2]))]);
        _ = folder.Write("rmt_config.json", $$$"""
            {"adapter_type":"rmt","task_type":"SEQ_CLS","base_model_name_or_path":null,"num_mem_tokens":{{{Memory}}},"segment_size":{{{Positions - Memory - 3}}},"input_size":{{{Positions}}},
             "segment_alignment":"right","sum_loss":false,"id2label":{"0":"neg","1":"pos"},"label2id":{"neg":0,"pos":1},"training":{"epochs":8,"rate":5e-05},"notes":[1,{"x":"ü"}]}
            """);
        _ = folder.Write("config.json", $$"""
            {"architectures":["BertModel"],"model_type":"bert","vocab_size":{{config.VocabSize}},"hidden_size":{{Hidden}},"num_hidden_layers":2,"num_attention_heads":2,
             "intermediate_size":{{Intermediate}},"hidden_act":"gelu","hidden_dropout_prob":0.1,"attention_probs_dropout_prob":0.1,"max_position_embeddings":{{Positions}},
             "type_vocab_size":2,"layer_norm_eps":1e-12,"initializer_range":0.02,"pad_token_id":0,"position_embedding_type":"absolute","classifier_dropout":null}
            """);

        TensorWriter.Write(folder["model.safetensors"], backbone);
        _ = folder.Write("tokenizer.json", tokenizerJson.ToJsonString());
        var one = Read(folder);

        File.Delete(folder["model.safetensors"]);
        File.Delete(folder["tokenizer.json"]);
        var half = backbone.Count / 2;
        TensorWriter.Write(folder["a.safetensors"], backbone[..half].Select(entry => ("bert." + entry.Name, entry.Value.to(bfloat16))));
        TensorWriter.Write(folder["b.safetensors"], backbone[half..].Select(entry => ("bert." + entry.Name, entry.Value.to(float16))));
        var members = backbone.Select((entry, i) => $"\"bert.{entry.Name}\":\"{(i < half ? "a" : "b")}.safetensors\"");
        _ = folder.Write("model.safetensors.index.json", $"{{\"metadata\":{{\"total_size\":1}},\"weight_map\":{{{string.Join(',', members)}}}}}");
        writeOlder(folder);
        return [one, Read(folder)];
    }

    private static Dictionary<string, byte[]> Read(TempFolder folder) =>
        Directory.EnumerateFiles(folder.Path).Order(StringComparer.Ordinal).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);
}
