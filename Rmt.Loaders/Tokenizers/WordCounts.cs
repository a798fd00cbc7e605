using System.Text;
using Rmt.Adapter;

namespace Rmt.Loaders;

/// <summary>How often each word comes in a text, as a WordPiece tokenizer would see it: normalized, cut at white space and around punctuation.</summary>
internal sealed class WordCounts(WordPieceOptions options) : ICodePointSink
{
    private const int Part = 1 << 14;

    private readonly Dictionary<string, long> counts = new(StringComparer.Ordinal);
    private readonly StringBuilder word = new();
    private int letters;

    public IReadOnlyDictionary<string, long> Counts => counts;

    /// <summary>The words of a short text.</summary>
    public static WordCounts Of(WordPieceOptions options, string text)
    {
        var words = new WordCounts(options);
        words.Add(new StringReader(text));
        return words;
    }

    public void Add(TextReader text)
    {
        var normalization = new BertNormalization(options, this);
        var (buffer, high) = (new char[Part], '\0');
        for (int read; (read = text.Read(buffer)) > 0;)
            foreach (var unit in buffer.AsSpan(0, read))
            {
                if (char.IsHighSurrogate(unit))
                {
                    if (high != 0) normalization.Add(CodePoints.Replacement);
                    high = unit;
                    continue;
                }
                if (high != 0 && !char.IsLowSurrogate(unit)) normalization.Add(CodePoints.Replacement);
                normalization.Add(!char.IsLowSurrogate(unit) ? unit : high != 0 ? char.ConvertToUtf32(high, unit) : CodePoints.Replacement);
                high = '\0';
            }
        if (high != 0) normalization.Add(CodePoints.Replacement);
        normalization.End();
    }

    /// <inheritdoc/>
    void ICodePointSink.Add(int codePoint)
    {
        var alone = CodePoints.Is(codePoint, Traits.Punctuation);
        var blank = CodePoints.Is(codePoint, Traits.WhiteSpace);
        if (alone || blank) End();
        if (blank) return;
        letters++;
        if (letters <= options.LongestWord) word.Append(char.ConvertFromUtf32(codePoint));
        if (alone) End();
    }

    /// <inheritdoc/>
    public void End()
    {
        if (letters > 0 && letters <= options.LongestWord) System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, word.ToString(), out _)++;
        (letters, _) = (0, word.Clear());
    }
}
