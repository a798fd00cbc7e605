using System.Globalization;
using System.Text.Json;

namespace Rmt.Loaders;

/// <summary>What <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c> and <c>added_tokens.json</c> say, as transformers reads them.</summary>
internal sealed class TokenizerConfig
{
    private const string ConfigFile = "tokenizer_config.json", MapFile = "special_tokens_map.json", AddedFile = "added_tokens.json";

    private JsonFile? config;

    private SpecialRoles family = SpecialRoles.Bert;

    /// <summary>Special tokens by role, <c>pad_token</c> and so on; roles of the family that have none are left out.</summary>
    public Dictionary<string, AddedToken> Roles { get; } = [];

    /// <summary>Further special tokens, without ids.</summary>
    public List<AddedToken> Additional { get; } = [];

    /// <summary>Added tokens with the ids that the files give them.</summary>
    public List<AddedToken> Numbered { get; } = [];

    public SpecialNames Names => new(NameOf("pad_token"), NameOf("cls_token"), NameOf("sep_token"), NameOf("eos_token"));

    /// <summary>A family's own roles, without files.</summary>
    public static TokenizerConfig Of(SpecialRoles family)
    {
        var own = new TokenizerConfig { family = family };
        foreach (var (role, token) in family.Tokens)
            if (token is not null)
                own.Roles.Add(role, token);
        return own;
    }

    /// <summary>Reads what there is of the three files.</summary>
    /// <param name="folder">Where they are.</param>
    /// <param name="familyOf">The roles where no file says otherwise, by tokenizer_class, if that is said.</param>
    public static TokenizerConfig Read(string folder, Func<string?, SpecialRoles> familyOf)
    {
        var config = Open(folder, ConfigFile);
        var read = Of(familyOf(config?.OptionalText("tokenizer_class")));
        read.config = config;
        var map = Open(folder, MapFile);
        var numbered = read.config?.OptionalInner("added_tokens_decoder");
        if (config is not null)
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

    /// <summary>Whether byte-level BPE puts a space in front of a text that begins with none.</summary>
    public bool PrefixSpace => config?.Flag("add_prefix_space", orElse: false) ?? false;

    /// <summary>A vocabulary may belong to a tokenizer that cuts words otherwise (BertJapaneseTokenizer, BertweetTokenizer).</summary>
    /// <param name="expected">Follows "must be".</param>
    public void RefuseOtherClasses(string expected)
    {
        if (config?.OptionalText("tokenizer_class") is { } name && !family.Names(name))
            throw config.Wrong("tokenizer_class", expected);
    }

    private string? NameOf(string role) => Roles.GetValueOrDefault(role)?.Content;

    private static JsonFile? Open(string folder, string name) =>
        Path.Combine(folder, name) is var path && File.Exists(path) ? JsonFile.Open(path) : null;

    private void TakeRoles(JsonFile from)
    {
        foreach (var role in family.Tokens.Keys)
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
