using System.Text.Json.Nodes;
using Rmt.Adapter;
using Rmt.Testing;

namespace Rmt.Loaders.Tests;

/// <summary>Tokenizers over vocabularies that a test can show whole.</summary>
internal static class OwnTokenizer
{
    public static readonly string[] Specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];

    /// <summary>The special tokens have ids 0 to 3, the words those from 4.</summary>
    public static ITokenizer Of(string words, WordPieceOptions? options = null, params AddedToken[] added) =>
        Of([.. Specials, .. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)], options, added);

    /// <summary>By way of a tokenizer.json, as a user's would be read. Ids of added tokens are given here.</summary>
    public static WordPieceTokenizer Of(string[] vocabulary, WordPieceOptions? options, AddedToken[] added)
    {
        using var folder = new TempFolder();
        return WordPieceTokenizer.LoadTokenizerJson(folder.Write("tokenizer.json", Json(vocabulary, options, added).ToJsonString()));
    }

    /// <summary>The file, to be changed in one place.</summary>
    public static JsonObject Json(string[]? vocabulary = null, WordPieceOptions? options = null, params AddedToken[] added)
    {
        vocabulary ??= [.. Specials, "a"];
        options ??= new WordPieceOptions();
        var behind = vocabulary.Length;
        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. added.Select(token => new JsonObject
            {
                ["id"] = Array.IndexOf(vocabulary, token.Content) is >= 0 and var id ? id : behind++,
                ["content"] = token.Content,
                ["single_word"] = token.SingleWord,
                ["lstrip"] = token.LeftStrip,
                ["rstrip"] = token.RightStrip,
                ["normalized"] = token.Normalized,
                ["special"] = token.Special,
            })]),
            ["normalizer"] = new JsonObject
            {
                ["type"] = "BertNormalizer",
                ["clean_text"] = options.CleanText,
                ["handle_chinese_chars"] = options.SplitIdeographs,
                ["strip_accents"] = options.StripAccents,
                ["lowercase"] = options.Lowercase,
            },
            ["pre_tokenizer"] = new JsonObject { ["type"] = "BertPreTokenizer" },
            ["model"] = new JsonObject
            {
                ["type"] = "WordPiece",
                ["unk_token"] = options.Unknown,
                ["continuing_subword_prefix"] = options.Prefix,
                ["max_input_chars_per_word"] = options.LongestWord,
                ["vocab"] = new JsonObject(vocabulary.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
            },
        };
    }

    /// <summary>The tokens of a text, joined by spaces.</summary>
    public static string Tokens(this ITokenizer tokenizer, string text) => string.Join(' ', tokenizer.Encode(text).Select(tokenizer.Token));
}
