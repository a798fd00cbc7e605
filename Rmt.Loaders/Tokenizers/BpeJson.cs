using System.Text.Json;

namespace Rmt.Loaders;

/// <summary>What a <c>tokenizer.json</c> says of a byte-level BPE tokenizer.</summary>
internal static class BpeJson
{
    // They add special tokens around a text, which the segmenter does here.
    private static readonly string[] PostProcessors = ["ByteLevel", "RobertaProcessing", "TemplateProcessing"];

    public static ByteLevelBpeTokenizer Read(JsonFile root, JsonFile model, Func<Func<string, bool>, SpecialNames> names)
    {
        CheckModel(model);
        if (root.Has("normalizer"))
            throw root.Wrong("normalizer", "null: byte-level BPE reads a text as it is written");
        var preTokenizer = TokenizerJson.Typed(root, "pre_tokenizer", "ByteLevel");
        if (!preTokenizer.Flag("use_regex", orElse: true))
            throw preTokenizer.Wrong("use_regex", "true: words are parted by GPT-2's pattern");
        if (root.OptionalInner("post_processor") is { } post && !PostProcessors.Contains(post.Text("type")))
            throw post.Wrong("type", $"one of {string.Join(", ", PostProcessors)}, the kinds that are supported");
        _ = TokenizerJson.Typed(root, "decoder", "ByteLevel");
        var vocabulary = TokenizerJson.ReadVocabulary(model);
        var merges = BpeMerges.Read(model, vocabulary);
        var added = TokenizerJson.ReadAddedTokens(root, vocabulary);
        var special = names(token => added.Contains(token) || vocabulary.IdOf(token) is not null);
        return new(root.Path, vocabulary, merges, added, special, preTokenizer.Flag("add_prefix_space")) { Ignored = TokenizerJson.Ignored(root) };
    }

    // With all 256 bytes in the vocabulary nothing is unknown, so unk_token and fuse_unk change nothing.
    private static void CheckModel(JsonFile model)
    {
        if (model.Has("dropout") && model.Number("dropout") != 0)
            throw model.Wrong("dropout", "null or 0: the same text must give the same ids");
        foreach (var affix in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
            if (model.Text(affix, orElse: "").Length > 0)
                throw model.Wrong(affix, "null or empty: pieces are bytes and nothing more");
        foreach (var flag in new[] { "byte_fallback", "ignore_merges" })
            if (model.Flag(flag, orElse: false))
                throw model.Wrong(flag, "false, which is what is supported");
        _ = (model.OptionalText("unk_token"), model.Flag("fuse_unk", orElse: false));
    }
}
