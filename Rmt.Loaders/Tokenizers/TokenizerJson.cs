using System.Text.Json;

namespace Rmt.Loaders;

/// <summary>Reads a <c>tokenizer.json</c> as Hugging Face's Rust library writes it.</summary>
internal static class TokenizerJson
{
    /// <summary>A word buffer is kept for every document that is being read; a longer word than this is no word.</summary>
    private const int LongestWord = 10_000;

    public static WordPieceTokenizer Load(string path, SpecialNames names)
    {
        var root = JsonFile.Open(path);
        _ = root.Choice("version", ["1.0"], orElse: "1.0");
        var model = Model(root);
        var normalizer = Typed(root, "normalizer", "BertNormalizer");
        _ = Typed(root, "pre_tokenizer", "BertPreTokenizer");
        var vocabulary = ReadVocabulary(model);
        var added = new AddedTokens(path, vocabulary);
        foreach (var token in root.Items("added_tokens"))
            added.Add(ReadAddedToken(token));
        return new WordPieceTokenizer(path, vocabulary, Options(normalizer, model), added, names) { Ignored = Ignored(root) };
    }

    // Files of before 2021 have no type; only WordPiece has a longest word.
    private static JsonFile Model(JsonFile root)
    {
        var model = root.Inner("model");
        var known = model.OptionalText("type") is { } type ? type == "WordPiece" : model.Has("max_input_chars_per_word");
        return known ? model : throw model.Wrong("type", "\"WordPiece\" (the BERT family), the kind that is supported");
    }

    private static JsonFile Typed(JsonFile root, string name, string expected)
    {
        var part = root.Inner(name);
        return part.Text("type") == expected ? part : throw part.Wrong("type", $"\"{expected}\", the kind that is supported");
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

    // As many tokens as ids, each id once, none past the end: so there is no gap either.
    private static Vocabulary ReadVocabulary(JsonFile model)
    {
        var vocab = model.Inner("vocab");
        var tokens = new string[vocab.Members.Count()];
        if (tokens.Length == 0)
            throw model.Wrong("vocab", "an object that gives every token its id", "an empty one");
        foreach (var member in vocab.Members)
        {
            var id = member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out var number) ? number : -1;
            if (id < 0 || id >= tokens.Length)
                throw vocab.At(member).Wrong($"an id from 0 to {tokens.Length - 1} (there are {tokens.Length} tokens, and ids must have no gap)");
            if (tokens[id] is not null)
                throw vocab.At(member).Wrong($"an id of its own ({Quoted.Name(tokens[id])} has this one already)");
            tokens[id] = member.Name;
        }
        return new Vocabulary(tokens);
    }

    private static AddedToken ReadAddedToken(JsonFile token)
    {
        if (token.Kind != JsonValueKind.Object)
            throw token.Wrong("an object");
        return new(token.Whole("id", 0, int.MaxValue), token.Text("content"))
        {
            SingleWord = token.Flag("single_word"),
            LeftStrip = token.Flag("lstrip"),
            RightStrip = token.Flag("rstrip"),
            Normalized = token.Flag("normalized"),
            Special = token.Flag("special"),
        };
    }

    private static List<string> Ignored(JsonFile root)
    {
        var ignored = new List<string>();
        if (root.OptionalInner("truncation") is { } truncation)
            ignored.Add($"truncation{(truncation.TryGet("max_length", out var length) ? $" to {Quoted.Value(length)} tokens" : "")}");
        if (root.OptionalInner("padding") is { } padding)
            ignored.Add($"padding{(padding.Optional("strategy") is { Kind: JsonValueKind.Object } strategy && strategy.TryGet("Fixed", out var length) ? $" to {Quoted.Value(length)} tokens" : "")}");
        return ignored;
    }
}
