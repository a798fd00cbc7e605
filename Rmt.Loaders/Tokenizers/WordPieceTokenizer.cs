using System.Buffers;
using Rmt.Adapter;

namespace Rmt.Loaders;

/// <summary>BERT's WordPiece tokenizer; its ids are those of Hugging Face's Rust library <c>tokenizers</c>.</summary>
/// <remarks>In this order: added tokens are cut out of the text as written; what is left is normalized (<see cref="WordPieceOptions"/>);
/// normalized added tokens are cut out of that; it is split at white space and around punctuation; words become pieces.</remarks>
public sealed class WordPieceTokenizer : PretrainedTokenizer
{
    private readonly WordPieces pieces;
    private readonly AsciiTable ascii;
    private readonly AddedTokenTrie written = new();
    private readonly AddedTokenTrie normalized = new();
    private readonly SearchValues<char> cutsAfter;

    internal WordPieceTokenizer(string path, Vocabulary vocabulary, WordPieceOptions options, AddedTokens added, SpecialNames names) : base(vocabulary, added)
    {
        Options = options;
        pieces = new WordPieces(vocabulary, options.Prefix, options.LongestWord, Id(options.Unknown, inVocabulary: true));
        Special = new SpecialTokens(Id(names.Pad), Id(names.Cls), Id(names.Sep));
        foreach (var token in added.All.OrderBy(token => token.Normalized))   // a check of the normalized ones looks at the others
            Index(path, token);
        ascii = new AsciiTable(options, written, pieces);
        // A space ends the word, every mark and every added token that has none in it; cleaned, a line end is a space.
        cutsAfter = SearchValues.Create(normalized.Holds(' ') ? "" : new string([.. " \n".Where(c => !written.Holds(c) && !normalized.Holds(c))]));

        int Id(string? token, bool inVocabulary = false) =>
            vocabulary.IdOf(token!) ?? (inVocabulary ? null : added.IdOf(token!)) ?? throw new LoadException(path,
                $"has no token {Quoted.Name(token!)}, which a BERT model needs; where it has another name, tokenizer_config.json says so.");
    }

    /// <summary>The tokenizer of a model folder, as <see cref="PretrainedTokenizer.Load"/> finds it.</summary>
    /// <exception cref="LoadException">A file is missing, unreadable or wrong, or the folder's tokenizer is of another kind.</exception>
    public static new WordPieceTokenizer Load(string folder) => PretrainedTokenizer.Load(folder) as WordPieceTokenizer ?? throw Another(folder);

    /// <summary>Reads a <c>vocab.txt</c> alone; special tokens have BERT's names.</summary>
    /// <param name="file">One token a line.</param>
    /// <param name="options"><see langword="null"/>: lower case unless the vocabulary has capital letters outside of names in brackets.</param>
    /// <exception cref="LoadException">The file is unreadable or wrong, or lacks [PAD], [CLS], [SEP] or [UNK].</exception>
    public static WordPieceTokenizer LoadVocabulary(string file, WordPieceOptions? options = null) =>
        TokenizerFolder.LoadVocabulary(file, options);

    /// <summary>Reads a <c>tokenizer.json</c> alone; special tokens have BERT's names.</summary>
    /// <exception cref="LoadException">The file is unreadable or wrong, or its model, normalizer or pre-tokenizer is not BERT's.</exception>
    public static WordPieceTokenizer LoadTokenizerJson(string file) => TokenizerJson.Load(file, null) as WordPieceTokenizer ?? throw Another(file);

    /// <inheritdoc/>
    public override SpecialTokens Special { get; }

    /// <summary>The options that the files gave.</summary>
    public WordPieceOptions Options { get; }

    /// <inheritdoc/>
    public override int LastCut(ReadOnlySpan<char> text) => text.LastIndexOfAny(cutsAfter) + 1;

    /// <inheritdoc/>
    public override ITokenization Begin() => new WordPieceTokenization(Options, pieces, ascii, written, normalized);

    private static LoadException Another(string path) => new(path, "has a tokenizer of byte-level BPE ('BPE'); here WordPiece is needed, the BERT family's.");

    private void Index(string path, AddedToken token)
    {
        var text = new CodePointList();
        if (token.Normalized)
        {
            var normalization = new BertNormalization(Options, text);
            foreach (var rune in token.Content.EnumerateRunes())
                normalization.Add(rune.Value);
            normalization.End();
        }
        else
        {
            foreach (var rune in token.Content.EnumerateRunes())
                text.Add(rune.Value);
        }
        if (text.Count == 0)
            throw Wrong("is empty once it is normalized; nothing can be found by it");
        if (!(token.Normalized ? normalized : written).Add([.. text], token))
            throw Wrong("is another one once it is normalized; give them \"normalized\": false");
        // A count of the spaces in front of a token is kept, not the spaces: it tells enough only if all of them become the same one.
        if (!Options.CleanText && token.Normalized && written.LeftStrips && text.Exists(c => CodePoints.Is(c, Traits.WhiteSpace)))
            throw Wrong("has white space in it beside a token with lstrip; that needs clean_text");

        LoadException Wrong(string problem) => new(path, $"the added token {Quoted.Name(token.Content)} {problem}.");
    }

    private sealed class CodePointList : List<int>, ICodePointSink
    {
        public void End() { }
    }
}
