namespace Rmt.Loaders;

/// <summary>What a <c>tokenizer.json</c> says of a WordPiece tokenizer.</summary>
internal static class WordPieceJson
{
    /// <summary>A word buffer is kept for every document that is being read; a longer word than this is no word.</summary>
    private const int LongestWord = 10_000;

    public static WordPieceTokenizer Read(JsonFile root, JsonFile model, Func<AddedTokens, SpecialNames> names)
    {
        var normalizer = TokenizerJson.Typed(root, "normalizer", "BertNormalizer");
        _ = TokenizerJson.Typed(root, "pre_tokenizer", "BertPreTokenizer");
        var vocabulary = TokenizerJson.ReadVocabulary(model);
        var added = TokenizerJson.ReadAddedTokens(root, vocabulary);
        return new(root.Path, vocabulary, Options(normalizer, model), added, names(added)) { Ignored = TokenizerJson.Ignored(root) };
    }

    private static WordPieceOptions Options(JsonFile normalizer, JsonFile model) => new()
    {
        CleanText = normalizer.Flag("clean_text"),
        SplitIdeographs = normalizer.Flag("handle_chinese_chars"),
        StripAccents = normalizer.OptionalFlag("strip_accents"),
        Lowercase = normalizer.Flag("lowercase"),
        Prefix = model.Text("continuing_subword_prefix"),
        LongestWord = model.Whole("max_input_chars_per_word", 1, LongestWord),
        Unknown = model.Text("unk_token"),
    };
}
