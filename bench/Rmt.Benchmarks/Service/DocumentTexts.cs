using Rmt.Adapter;

namespace Rmt.Benchmarks.Service;

/// <summary>Texts of exactly so many tokens: words that the model has, each one token.</summary>
internal sealed class DocumentTexts(ITokenizer tokenizer)
{
    private const int Seed = 8;

    private readonly string[] _words = [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.Token).Where(token => token.Length > 1 && token.All(char.IsAsciiLetterLower))];

    /// <summary>Tokens of the shortest of mixed lengths.</summary>
    public const int Least = 10;

    /// <summary>Texts without end, of log-uniform lengths from <see cref="Least"/> to so many tokens, the same ones every time.</summary>
    public IEnumerator<string> Mixed(int most)
    {
        for (var dice = new Random(Seed); ;)
            yield return Of(Lengths.LogUniform(dice, Least, most), dice);
    }

    /// <summary>A text of so many tokens.</summary>
    public string Of(int tokens, Random dice) => string.Join(' ', Enumerable.Range(0, tokens).Select(_ => _words[dice.Next(_words.Length)]));
}
