namespace Rmt.Loaders;

/// <summary>What <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c> and <c>added_tokens.json</c> say, as transformers reads them.</summary>
internal sealed class TokenizerConfig
{
    private const string ConfigFile = "tokenizer_config.json", MapFile = "special_tokens_map.json", AddedFile = "added_tokens.json";

    // Classes of transformers that tokenize exactly as BertTokenizer does.
    private static readonly string[] Classes = ["Bert", "DistilBert", "Electra", "MobileBert", "ConvBert", "SqueezeBert", "LayoutLM",
        "LayoutLMv2", "Lxmert", "Funnel", "MPNet", "Retribert", "Realm", "DPRContextEncoder", "DPRQuestionEncoder", "DPRReader", "PreTrained", "Auto"];

    private JsonPlace? config;

    /// <summary>Special tokens by role, <c>pad_token</c> and so on.</summary>
    public Dictionary<string, AddedToken> Roles { get; } = new()
    {
        ["unk_token"] = Special("[UNK]"),
        ["sep_token"] = Special("[SEP]"),
        ["pad_token"] = Special("[PAD]"),
        ["cls_token"] = Special("[CLS]"),
        ["mask_token"] = Special("[MASK]"),
    };

    /// <summary>Further special tokens, without ids.</summary>
    public List<AddedToken> Additional { get; } = [];

    /// <summary>Added tokens with the ids that the files give them.</summary>
    public List<AddedToken> Numbered { get; } = [];

    public SpecialNames Names => new(Roles["pad_token"].Content, Roles["cls_token"].Content, Roles["sep_token"].Content);

    /// <summary>Reads what there is of the three files.</summary>
    public static TokenizerConfig Read(string folder)
    {
        var read = new TokenizerConfig { config = Open(folder, ConfigFile) };
        var map = Open(folder, MapFile);
        var numbered = read.config?.Optional("added_tokens_decoder");
        if (read.config is { } config)
            read.TakeRoles(config);
        // Since transformers 4.34 the config holds everything, and then the two older files are not looked at.
        if (numbered is null && map is { } roles)
            read.TakeRoles(roles);
        foreach (var (id, at) in numbered?.Members() ?? [])
            read.Numbered.Add(ReadToken(at, special: false) with { Id = ParseId(id, at) });
        if (numbered is null && Open(folder, AddedFile) is { } added)
            foreach (var (content, at) in added.Members())
            {
                var special = read.Roles.Values.Concat(read.Additional).FirstOrDefault(token => token.Content == content);
                read.Numbered.Add((special ?? new AddedToken(-1, content) { Normalized = true }) with { Id = at.Integer(0, int.MaxValue) });
            }
        return read;
    }

    /// <summary>The options; where there is no <c>tokenizer_config.json</c> the vocabulary's letters decide about case.</summary>
    public WordPieceOptions Options(bool hasCapitals) => new()
    {
        Lowercase = config is { } file ? file.Optional("do_lower_case")?.Flag() ?? true : !hasCapitals,
        StripAccents = config?.Optional("strip_accents")?.Flag(),
        SplitIdeographs = config?.Optional("tokenize_chinese_chars")?.Flag() ?? true,
        Unknown = Roles["unk_token"].Content,
    };

    /// <summary>A <c>vocab.txt</c> may belong to a tokenizer that cuts words otherwise (BertJapaneseTokenizer, BertweetTokenizer).</summary>
    public void RefuseOtherClasses()
    {
        if (config?.Optional("tokenizer_class") is { } name
            && !Classes.Any(known => name.Text() == $"{known}Tokenizer" || name.Text() == $"{known}TokenizerFast"))
            throw name.Wrong($"found {name.Found}; a vocab.txt is read only for \"BertTokenizer\" and those that do the same "
                + "(DistilBert, Electra, MPNet, …)");
    }

    private static JsonPlace? Open(string folder, string name) =>
        Path.Combine(folder, name) is var path && File.Exists(path) ? JsonPlace.Open(path) : null;

    private void TakeRoles(JsonPlace from)
    {
        foreach (var role in Roles.Keys.ToList())
            if (from.Optional(role) is { } token)
                Roles[role] = ReadToken(token, special: true);
        if (from.Optional("additional_special_tokens") is not { } additional)
            return;
        Additional.Clear();
        Additional.AddRange(additional.Items().Select(token => ReadToken(token, special: true)).DistinctBy(token => token.Content));
    }

    // A string, or an object of the form {"content": …, "lstrip": …}. A missing flag is false, but "normalized" of a
    // token that is not special.
    private static AddedToken ReadToken(JsonPlace token, bool special)
    {
        if (token.Value.ValueKind == System.Text.Json.JsonValueKind.String)
            return Special(token.Text());
        if (token.Value.ValueKind != System.Text.Json.JsonValueKind.Object)
            throw token.Wrong($"expected a string or an object with \"content\", found {token.Found}");
        special |= Flag("special");
        return new AddedToken(-1, token.Required("content").Text())
        {
            SingleWord = Flag("single_word"),
            LeftStrip = Flag("lstrip"),
            RightStrip = Flag("rstrip"),
            Normalized = token.Optional("normalized")?.Flag() ?? !special,
            Special = special,
        };

        bool Flag(string name) => token.Optional(name)?.Flag() ?? false;
    }

    private static AddedToken Special(string content) => new(-1, content) { Special = true };

    private static int ParseId(string text, JsonPlace at) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var id)
            ? id : throw at.Wrong("expected a whole number of 0 or more as name, the token's id");
}
