using System.Text;
using System.Text.Json.Nodes;
using Rmt.Testing;

namespace Rmt.Loaders.Tests;

/// <summary>Byte-level BPE over merges that a test can show whole.</summary>
internal static class OwnBytes
{
    /// <summary>The bytes have the ids 0 to 255, the merges' pieces those from 256, then come added tokens.</summary>
    /// <param name="merges">Pairs of text in the order of their ranks: <c>"t h"</c>; a space in a piece is Ġ.</param>
    /// <param name="prefixSpace">add_prefix_space.</param>
    /// <param name="added">Cut out as a whole.</param>
    public static ByteLevelBpeTokenizer Of(string[] merges, bool prefixSpace = false, params AddedToken[] added)
    {
        using var folder = new TempFolder();
        _ = folder.Write("tokenizer.json", Json(merges, prefixSpace, added).ToJsonString());
        return (ByteLevelBpeTokenizer)PretrainedTokenizer.Load(folder.Path);
    }

    /// <summary>The file, to be changed in one place.</summary>
    public static JsonObject Json(string[] merges, bool prefixSpace = false, params AddedToken[] added)
    {
        var vocabulary = Vocabulary(merges);
        var behind = vocabulary.Count;
        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. added.Select(token => new JsonObject
            {
                ["id"] = vocabulary.IndexOf(token.Content) is >= 0 and var id ? id : behind++,
                ["content"] = token.Content,
                ["single_word"] = token.SingleWord,
                ["lstrip"] = token.LeftStrip,
                ["rstrip"] = token.RightStrip,
                ["normalized"] = token.Normalized,
                ["special"] = token.Special,
            })]),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = prefixSpace, ["trim_offsets"] = true, ["use_regex"] = true },
            ["post_processor"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = true, ["trim_offsets"] = false },
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = true, ["trim_offsets"] = true },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = "",
                ["end_of_word_suffix"] = "",
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["ignore_merges"] = false,
                ["vocab"] = new JsonObject(vocabulary.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
                ["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)merge)]),
            },
        };
    }

    /// <summary>Tokens in the order of their ids.</summary>
    public static List<string> Vocabulary(string[] merges) =>
        [.. Enumerable.Range(0, 256).Select(b => $"{ByteLetters.Of((byte)b)}").Concat(merges.Select(merge => merge.Replace(" ", "", StringComparison.Ordinal))).Distinct()];

    /// <summary>Text as byte letters.</summary>
    public static string Letters(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(ByteLetters.Of));
}
