using Rmt.Adapter;

namespace Rmt.Loaders;

/// <summary>Makes a WordPiece vocabulary from text: words are counted, and beginning with their letters the most frequent pair of neighbours becomes one piece,
/// again and again.</summary>
/// <remarks>
/// The procedure is that of Hugging Face's <c>WordPieceTrainer</c> (github.com/huggingface/tokenizers, tokenizers/src/models/bpe/trainer.rs): special tokens, then
/// the alphabet, then pieces inside words with <c>##</c>, then one piece a merge; of pairs equally frequent that of the smaller ids comes first. Its order of
/// words is that of a hash table and differs from run to run; here words come in ordinal order, so that the same text gives the same vocabulary. Every word of
/// the text can be spelled, but those longer than <see cref="WordPieceOptions.LongestWord"/>.
/// </remarks>
/// <param name="options">How the text becomes words; those of the tokenizer that will read the vocabulary.</param>
public sealed class WordPieceTrainer(WordPieceOptions options)
{
    private static readonly string[] SpecialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    private readonly WordCounts words = new(options);

    /// <summary>Words so far, each as often as it came.</summary>
    public long Words => words.Counts.Values.Sum();

    /// <summary>Words so far that differ.</summary>
    public int DistinctWords => words.Counts.Count;

    /// <summary>Counts the words of a text; what it holds grows with those that differ.</summary>
    public void Add(TextReader text) => words.Add(text);

    /// <summary>The vocabulary of what was added, each token at the place of its id: special tokens, characters, characters inside words, whole words, merges.</summary>
    /// <param name="size">Tokens; fewer come where the text has no more pairs.</param>
    /// <param name="whole">Words that are one token whatever the text; written as any text, so normalized first.</param>
    /// <param name="alphabet">Characters that can be spelled wherever they stand, beside those of the text.</param>
    /// <exception cref="ArgumentException">The size has no room for special tokens, alphabet and whole words, or one of these is no single word.</exception>
    public IReadOnlyList<string> Train(int size, IReadOnlyList<string>? whole = null, string alphabet = "")
    {
        var kept = (whole ?? []).Select(word => Single(word)).ToList();
        var spelled = words.Counts.Keys.Concat(kept).ToList();
        var letters = WordCounts.Of(options, string.Join(' ', alphabet.EnumerateRunes())).Counts.Keys.ToList();
        var pieces = new PieceList(options.Prefix, SpecialTokens);
        pieces.AddInOrder(spelled.SelectMany(word => word.EnumerateRunes()).Select(rune => rune.ToString()).Concat(letters));
        pieces.AddInOrder(spelled.SelectMany(word => word.EnumerateRunes().Skip(1)).Select(rune => rune.ToString())
            .Concat(letters.Where(letter => CanContinue(letter))).Distinct().Select(letter => options.Prefix + letter));
        foreach (var word in kept) pieces.Add(word);
        if (pieces.Count > size)
            throw new ArgumentException($"a vocabulary of {size} tokens is too small: special tokens, characters and whole words are {pieces.Count}", nameof(size));
        new PairMerges(words.Counts.OrderBy(word => word.Key, StringComparer.Ordinal).Select(word => (pieces.Spell(word.Key), word.Value)), pieces).Run(size);
        return pieces.Tokens;
    }

    private string Single(string word) => WordCounts.Of(options, word).Counts.Keys.ToList() is [var one] ? one
        : throw new ArgumentException($"'{word}' is no single word, so it cannot be one token", nameof(word));

    // Marks stand alone: they never come behind something in a word.
    private static bool CanContinue(string letter) => !CodePoints.Is(char.ConvertToUtf32(letter, 0), Traits.Punctuation);
}
