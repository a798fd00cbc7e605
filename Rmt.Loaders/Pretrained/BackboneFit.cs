using Rmt.Adapter;

namespace Rmt.Loaders;

/// <summary>Whether backbone, vocabulary, settings and head of a saved model belong together.</summary>
internal static class BackboneFit
{
    // How larger vocabularies are padded: to a multiple of 128 at most.
    private const int RowsThatMayBeUnused = 127;

    /// <summary>Loads a backbone that has all that a classifier reads.</summary>
    public static IBackbone ForClassifier(ModelFolder home, bool copy, double? dropout)
    {
        var backbone = AutoBackbone.Load(home, copy, dropout, out var report);
        if (AutoBackbone.Plan(home).ClassifierNeeds is not { } needed || report.Loaded.Contains(needed))
            return backbone;
        backbone.Dispose();
        throw new LoadException(home.Path, $"the checkpoint has no {needed.Split('.')[0]} ({needed}), and a classifier reads it. Take a checkpoint that has one, and save it with the classifier.");
    }

    /// <summary>Loads a backbone that says what follows a token.</summary>
    public static IBackbone ForLanguageModel(ModelFolder home, bool copy, double? dropout) => Speaking(home, AutoBackbone.Load(home, copy, dropout, out _));

    /// <summary>The same backbone where it says what follows a token; else it is freed.</summary>
    public static IBackbone Speaking(ModelFolder home, IBackbone backbone)
    {
        if (backbone is ILanguageBackbone) return backbone;
        backbone.Dispose();
        throw new LoadException(home.Path, $"model_type is {Quoted.Name(home.Config.Text("model_type"))} (config.json), a family that does not say what follows a token; a language model has a decoder, such as 'gpt2'.");
    }

    /// <summary>What a window holds beside the memory that is read and the segment.</summary>
    public static int Frame(IBackbone backbone, int memoryTokens) => backbone.IsCausal ? memoryTokens : SegmentLayout.FrameTokens;

    public static void RequireVocabulary(ModelFolder home, PretrainedTokenizer tokenizer, IBackbone backbone)
    {
        if (!backbone.IsCausal && tokenizer.Special is not { Pad: not null, Cls: not null, Sep: not null })
            throw new LoadException(home.Path, "the tokenizer lacks one of the special tokens that frame a window, 'pad_token', 'cls_token' and 'sep_token'; where they have other names, tokenizer_config.json says so.");
        var rows = AutoBackbone.Plan(home).VocabularySize;
        if (tokenizer.VocabularySize > rows || tokenizer.VocabularySize + RowsThatMayBeUnused < rows)
            throw new LoadException(home.Path, $"the vocabulary has {tokenizer.VocabularySize} tokens, the weights have {rows} rows (config.json, vocab_size): they do not belong together.");
    }

    public static void RequireWindow(ModelFolder folder, ModelFolder home, RmtConfig config, IBackbone backbone)
    {
        if (config.InputSize > backbone.MaxWindow)
            throw new LoadException(folder.RmtConfig!, $"input_size is {config.InputSize}; the backbone reads {backbone.MaxWindow} (config.json, {AutoBackbone.Plan(home).WindowKey}).");
    }

    /// <summary>A window that was asked for: the backbone reads so many tokens, and one of them is text.</summary>
    public static void RequireRoom(ModelFolder home, IBackbone backbone, int memoryTokens, int window)
    {
        if (window > backbone.MaxWindow)
            throw new LoadException(home.Path, $"a window of {window} tokens is longer than the backbone reads: {backbone.MaxWindow} (config.json, {AutoBackbone.Plan(home).WindowKey}).");
        var frame = Frame(backbone, memoryTokens);
        if (window - memoryTokens - frame < 1)
            throw new LoadException(home.Path, $"a window of {window} tokens has no room for text beside {memoryTokens} memory tokens and {frame} {(backbone.IsCausal ? "places to write them" : "special tokens")}.");
    }

    // Before the head is allocated: id2label may name millions.
    public static void RequireHead(Checkpoint weights, RmtConfig config, IBackbone backbone)
    {
        var (held, needed) = (weights.Entries.Sum(entry => entry.Items), (long)config.Labels.Count * backbone.HiddenSize);
        if (held < needed)
            throw new LoadException(weights.Path, $"holds {held} numbers; a head of {config.Labels.Count} labels (rmt_config.json, id2label) on hidden states of {backbone.HiddenSize} (config.json) has {needed} or more.");
    }
}
