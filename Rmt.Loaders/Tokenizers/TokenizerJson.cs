namespace Rmt.Loaders;

/// <summary>Reads a <c>tokenizer.json</c> as Hugging Face's Rust library writes it.</summary>
internal static class TokenizerJson
{
    /// <summary>A word buffer is kept for every document that is being read; a longer word than this is no word.</summary>
    private const int LongestWord = 10_000;

    public static WordPieceTokenizer Load(string path, SpecialNames names)
    {
        var root = JsonPlace.Open(path);
        if (root.Optional("version") is { } version && version.Text() != "1.0")
            throw version.Wrong($"expected \"1.0\", found {version.Found}");
        var model = Model(root);
        ExpectType(root, "normalizer", "BertNormalizer");
        ExpectType(root, "pre_tokenizer", "BertPreTokenizer");
        var vocabulary = ReadVocabulary(model.Required("vocab"));
        var added = new AddedTokens(path, vocabulary);
        foreach (var token in root.Optional("added_tokens")?.Items() ?? [])
            added.Add(ReadAddedToken(token));
        return new WordPieceTokenizer(path, vocabulary, Options(root.Required("normalizer"), model), added, names) { Ignored = Ignored(root) };
    }

    // Files of before 2021 have no type; only WordPiece has a longest word.
    private static JsonPlace Model(JsonPlace root)
    {
        var model = root.Required("model");
        if (model.Optional("type") is { } type)
        {
            if (type.Text() != "WordPiece")
                throw type.Wrong($"found {type.Found}; only \"WordPiece\" (the BERT family) is supported");
        }
        else if (model.Optional("max_input_chars_per_word") is null)
        {
            throw model.Wrong("type is missing; only \"WordPiece\" (the BERT family) is supported", inside: true);
        }
        return model;
    }

    private static void ExpectType(JsonPlace root, string name, string expected)
    {
        var type = root.Required(name).Required("type");
        if (type.Text() != expected)
            throw type.Wrong($"found {type.Found}; only \"{expected}\" is supported");
    }

    private static WordPieceOptions Options(JsonPlace normalizer, JsonPlace model) => new()
    {
        CleanText = normalizer.Required("clean_text").Flag(),
        SplitIdeographs = normalizer.Required("handle_chinese_chars").Flag(),
        StripAccents = normalizer.Optional("strip_accents")?.Flag(),
        Lowercase = normalizer.Required("lowercase").Flag(),
        Prefix = model.Required("continuing_subword_prefix").Text(),
        LongestWord = model.Required("max_input_chars_per_word").Integer(1, LongestWord),
        Unknown = model.Required("unk_token").Text(),
    };

    // As many tokens as ids, each id once, none past the end: so there is no gap either.
    private static Vocabulary ReadVocabulary(JsonPlace vocab)
    {
        var members = vocab.Members().ToList();
        if (members.Count == 0)
            throw vocab.Wrong("is empty");
        var tokens = new string[members.Count];
        foreach (var (token, at) in members)
        {
            var id = at.Value.ValueKind == System.Text.Json.JsonValueKind.Number && at.Value.TryGetInt32(out var number) ? number : -1;
            if (id < 0 || id >= tokens.Length)
                throw at.Wrong($"expected an id from 0 to {tokens.Length - 1} (there are {tokens.Length} tokens, and ids must have no gap), "
                    + $"found {at.Found}");
            if (tokens[id] is not null)
                throw at.Wrong($"id {id} is '{Vocabulary.Show(tokens[id])}' already");
            tokens[id] = token;
        }
        return new Vocabulary(tokens);
    }

    private static AddedToken ReadAddedToken(JsonPlace token) =>
        new(token.Required("id").Integer(0, int.MaxValue), token.Required("content").Text())
        {
            SingleWord = token.Required("single_word").Flag(),
            LeftStrip = token.Required("lstrip").Flag(),
            RightStrip = token.Required("rstrip").Flag(),
            Normalized = token.Required("normalized").Flag(),
            Special = token.Required("special").Flag(),
        };

    private static List<string> Ignored(JsonPlace root)
    {
        var ignored = new List<string>();
        if (root.Optional("truncation") is { } truncation)
            ignored.Add($"truncation{(truncation.Optional("max_length") is { } length ? $" to {length.Found} tokens" : "")}");
        if (root.Optional("padding") is { } padding)
            ignored.Add($"padding{(padding.Optional("strategy")?.Optional("Fixed") is { } length ? $" to {length.Found} tokens" : "")}");
        return ignored;
    }
}
