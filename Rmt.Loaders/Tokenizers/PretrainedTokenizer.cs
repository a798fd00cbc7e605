using Rmt.Adapter;

namespace Rmt.Loaders;

/// <summary>A tokenizer out of a model folder: what the kinds of it have in common.</summary>
public abstract class PretrainedTokenizer : ITokenizer
{
    private readonly Vocabulary vocabulary;
    private readonly string[] behind;          // added tokens that the vocabulary lacks, by id less its size

    private protected PretrainedTokenizer(Vocabulary vocabulary, AddedTokens added)
    {
        this.vocabulary = vocabulary;
        (AddedTokens, behind) = (added.All, added.Behind);
    }

    /// <summary>Reads a model folder: <c>tokenizer.json</c> if it is there, else <c>vocab.txt</c> (WordPiece), else <c>vocab.json</c> and <c>merges.txt</c>
    /// (byte-level BPE), with what <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c> and <c>added_tokens.json</c> say, each if it is there.</summary>
    /// <exception cref="LoadException">A file is missing, unreadable or wrong, or asks for what is not supported.</exception>
    public static PretrainedTokenizer Load(string folder) => TokenizerFolder.Load(folder);

    /// <inheritdoc/>
    public abstract SpecialTokens Special { get; }

    /// <inheritdoc/>
    public int VocabularySize => vocabulary.Count + behind.Length;

    /// <summary>The tokens that are cut out as a whole, special ones included.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; }

    /// <summary>What the files ask for and is not done, in words: an RMT reads documents of any length, so nothing is
    /// truncated or padded here.</summary>
    public IReadOnlyList<string> Ignored { get; internal init; } = [];

    /// <inheritdoc/>
    public string Token(int id) => id >= vocabulary.Count && id < VocabularySize ? behind[id - vocabulary.Count] : vocabulary[id];

    /// <inheritdoc/>
    public abstract int LastCut(ReadOnlySpan<char> text);

    /// <inheritdoc/>
    public abstract ITokenization Begin();
}
