using Rmt.Adapter;

namespace Rmt.Benchmarks.Service;

/// <summary>Texts of exactly so many tokens: words that the model has, each one token.</summary>
internal sealed class DocumentTexts(ITokenizer tokenizer)
{
    private readonly string[] _words = [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.Token).Where(token => token.Length > 1 && token.All(char.IsAsciiLetterLower))];

    /// <summary>Texts without end, of log-uniform lengths from so many to so many tokens.</summary>
    public IEnumerator<string> Mixed(int least, int most, int seed)
    {
        for (var dice = new Random(seed); ;)
            yield return Of(Lengths.LogUniform(dice, least, most), dice);
    }

    /// <summary>A text of so many tokens.</summary>
    public string Of(int tokens, Random dice) => string.Join(' ', Enumerable.Range(0, tokens).Select(_ => _words[dice.Next(_words.Length)]));
}
