using System.Globalization;
using System.Text.Json;

namespace Rmt.Loaders;

/// <summary>What <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c> and <c>added_tokens.json</c> say, as transformers reads them.</summary>
internal sealed class TokenizerConfig
{
    private const string ConfigFile = "tokenizer_config.json", MapFile = "special_tokens_map.json", AddedFile = "added_tokens.json";

    // Classes of transformers that tokenize exactly as BertTokenizer does.
    private static readonly string[] Classes = ["Bert", "DistilBert", "Electra", "MobileBert", "ConvBert", "SqueezeBert", "LayoutLM",
        "LayoutLMv2", "Lxmert", "Funnel", "MPNet", "Retribert", "Realm", "DPRContextEncoder", "DPRQuestionEncoder", "DPRReader", "PreTrained", "Auto"];

    private JsonFile? config;

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
        var numbered = read.config?.OptionalInner("added_tokens_decoder");
        if (read.config is { } config)
            read.TakeRoles(config);
        // Since transformers 4.34 the config holds everything, and then the two older files are not looked at.
        if (numbered is null && map is { } roles)
            read.TakeRoles(roles);
        foreach (var member in numbered?.Members ?? [])
            read.Numbered.Add(ReadToken(numbered!.At(member), special: false) with { Id = ParseId(member.Name, numbered) });
        if (numbered is null && Open(folder, AddedFile) is { } added)
            read.TakeAdded(added);
        return read;
    }

    private void TakeAdded(JsonFile added)
    {
        var special = Roles.Values.Concat(Additional).DistinctBy(token => token.Content).ToDictionary(token => token.Content);
        foreach (var member in added.Members)
            Numbered.Add((special.GetValueOrDefault(member.Name) ?? new AddedToken(-1, member.Name) { Normalized = true }) with { Id = added.At(member).AsWhole(0, int.MaxValue) });
    }

    /// <summary>The options; where there is no <c>tokenizer_config.json</c> the vocabulary's letters decide about case.</summary>
    public WordPieceOptions Options(bool hasCapitals) => new()
    {
        Lowercase = config?.Flag("do_lower_case", orElse: true) ?? !hasCapitals,
        StripAccents = config?.OptionalFlag("strip_accents"),
        SplitIdeographs = config?.Flag("tokenize_chinese_chars", orElse: true) ?? true,
        Unknown = Roles["unk_token"].Content,
    };

    /// <summary>A <c>vocab.txt</c> may belong to a tokenizer that cuts words otherwise (BertJapaneseTokenizer, BertweetTokenizer).</summary>
    public void RefuseOtherClasses()
    {
        if (config?.OptionalText("tokenizer_class") is { } name && !Classes.Any(known => name == $"{known}Tokenizer" || name == $"{known}TokenizerFast"))
            throw config.Wrong("tokenizer_class", "\"BertTokenizer\" or one that does the same (DistilBert, Electra, MPNet, …), since there is only a vocab.txt");
    }

    private static JsonFile? Open(string folder, string name) =>
        Path.Combine(folder, name) is var path && File.Exists(path) ? JsonFile.Open(path) : null;

    private void TakeRoles(JsonFile from)
    {
        foreach (var role in Roles.Keys.ToList())
            if (from.Optional(role) is { } token)
                Roles[role] = ReadToken(token, special: true);
        if (!from.Has("additional_special_tokens"))
            return;
        Additional.Clear();
        Additional.AddRange(from.Items("additional_special_tokens").Select(token => ReadToken(token, special: true)).DistinctBy(token => token.Content));
    }

    // A string, or an object of the form {"content": …, "lstrip": …}. A missing flag is false, but "normalized" of a
    // token that is not special.
    private static AddedToken ReadToken(JsonFile token, bool special)
    {
        if (token.AsText() is { } text)
            return Special(text);
        if (token.Kind != JsonValueKind.Object)
            throw token.Wrong("a string or an object with \"content\"");
        special |= token.Flag("special", orElse: false);
        return new AddedToken(-1, token.Text("content"))
        {
            SingleWord = token.Flag("single_word", orElse: false),
            LeftStrip = token.Flag("lstrip", orElse: false),
            RightStrip = token.Flag("rstrip", orElse: false),
            Normalized = token.Flag("normalized", orElse: !special),
            Special = special,
        };
    }

    private static AddedToken Special(string content) => new(-1, content) { Special = true };

    private static int ParseId(string text, JsonFile within) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id
        : throw within.Wrong(text, "named by the token's id, a whole number of 0 or more", $"the name {Quoted.Name(text)}");
}
