namespace Rmt.Loaders;

/// <summary>The special tokens by what they do; <see langword="null"/>: the model has none.</summary>
internal sealed record SpecialNames(string? Pad, string? Cls, string? Sep, string? End);

/// <summary>The special tokens that a class of transformers' tokenizers has where no file says otherwise.</summary>
/// <param name="Tokens">By role; <see langword="null"/>: none by itself, but a file may name one.</param>
/// <param name="Classes">Beginnings of the names of classes that tokenize exactly so.</param>
internal sealed record SpecialRoles(IReadOnlyDictionary<string, AddedToken?> Tokens, string[] Classes)
{
    private static readonly string[] AnyClass = ["PreTrained", "Auto"];

    public static SpecialRoles Bert { get; } = new(
        new Dictionary<string, AddedToken?>
        {
            ["unk_token"] = Special("[UNK]"), ["sep_token"] = Special("[SEP]"), ["pad_token"] = Special("[PAD]"), ["cls_token"] = Special("[CLS]"),
            ["mask_token"] = Special("[MASK]"),
        },
        ["Bert", "DistilBert", "Electra", "MobileBert", "ConvBert", "SqueezeBert", "LayoutLM", "LayoutLMv2", "Lxmert", "Funnel", "MPNet", "Retribert", "Realm",
            "DPRContextEncoder", "DPRQuestionEncoder", "DPRReader", .. AnyClass]);

    public static SpecialRoles Roberta { get; } = new(
        new Dictionary<string, AddedToken?>
        {
            ["bos_token"] = Special("<s>"), ["pad_token"] = Special("<pad>"), ["eos_token"] = Special("</s>"), ["unk_token"] = Special("<unk>"),
            ["cls_token"] = Special("<s>"), ["sep_token"] = Special("</s>"), ["mask_token"] = Special("<mask>") with { LeftStrip = true },
        },
        ["Roberta", "Longformer", "Bart", "LED", .. AnyClass]);

    public static SpecialRoles Gpt2 { get; } = new(
        new Dictionary<string, AddedToken?>
        {
            ["bos_token"] = Special("<|endoftext|>"), ["eos_token"] = Special("<|endoftext|>"), ["unk_token"] = Special("<|endoftext|>"),
            ["pad_token"] = null, ["cls_token"] = null, ["sep_token"] = null, ["mask_token"] = null,
        },
        ["GPT2", .. AnyClass]);

    /// <summary>The class of a byte-level BPE vocabulary: the one that is named, or else the one whose tokens are there.</summary>
    /// <param name="tokenizerClass">tokenizer_class of tokenizer_config.json.</param>
    /// <param name="has">Whether there is such a token.</param>
    public static SpecialRoles OfBytes(string? tokenizerClass, Func<string, bool> has) =>
        tokenizerClass is not null && !IsAny(tokenizerClass) ? Gpt2.Names(tokenizerClass) ? Gpt2 : Roberta
        : has("<s>") && has("</s>") ? Roberta : Gpt2;

    /// <summary>Whether tokenizer_class names one of <see cref="Classes"/>.</summary>
    public bool Names(string tokenizerClass) => Classes.Any(known => Is(known, tokenizerClass));

    private static bool IsAny(string tokenizerClass) => AnyClass.Any(known => Is(known, tokenizerClass));

    private static bool Is(string known, string tokenizerClass) => tokenizerClass == $"{known}Tokenizer" || tokenizerClass == $"{known}TokenizerFast";

    private static AddedToken Special(string content) => new(-1, content) { Special = true };
}
