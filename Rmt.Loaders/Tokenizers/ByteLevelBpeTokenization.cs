using System.Buffers;
using System.Text;
using Rmt.Adapter;

namespace Rmt.Loaders;

/// <summary>One document on its way through a <see cref="ByteLevelBpeTokenizer"/>: text → added tokens, in two searches → pre-tokens → ids.</summary>
/// <remarks>Text in which no added token begins goes around the searches. Held back is half a surrogate pair, the beginning of an added token, one pre-token.</remarks>
internal sealed class ByteLevelBpeTokenization : ITokenization
{
    private readonly SearchValues<char> beginnings;
    private readonly PreTokens words;
    private readonly AddedTokenPass first, second;
    private char high;                        // first half of a surrogate pair whose second half has not come
    private bool completed;

    internal ByteLevelBpeTokenization(AddedTokenTrie written, AddedTokenTrie normalized, SearchValues<char> beginnings, PreTokens words)
    {
        (this.beginnings, this.words) = (beginnings, words);
        second = new(normalized, words);
        first = new(written, second);
    }

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<char> text, List<int> ids)
    {
        Begin(ids);
        if (text.Length == 0)
            return;
        if (high != 0)
        {
            var pair = char.IsLowSurrogate(text[0]);
            first.Add(pair ? char.ConvertToUtf32(high, text[0]) : CodePoints.Replacement);
            high = '\0';
            text = text[(pair ? 1 : 0)..];
        }
        if (text.Length > 0 && char.IsHighSurrogate(text[^1]))
        {
            high = text[^1];
            text = text[..^1];
        }
        while (text.Length > 0)
        {
            var units = 0;
            if (first.IsIdle && second.IsIdle)
                units = text.IndexOfAny(beginnings) is >= 0 and var begins ? begins : text.Length;
            if (units > 0)
                Plain(text[..units]);
            else
                first.Add(Rune.DecodeFromUtf16(text, out var codePoint, out units) == OperationStatus.Done ? codePoint.Value : CodePoints.Replacement);
            text = text[units..];
        }
    }

    /// <inheritdoc/>
    public void Complete(List<int> ids)
    {
        Begin(ids);
        completed = true;
        if (high != 0)
            first.Add(CodePoints.Replacement);
        first.End();
    }

    private void Begin(List<int> ids)
    {
        if (completed)
            throw new InvalidOperationException("The text is complete; begin another tokenization for another text.");
        words.Ids = ids;
    }

    private void Plain(ReadOnlySpan<char> text)
    {
        words.Add(text);
        _ = Rune.DecodeLastFromUtf16(text, out var last, out _);
        first.WentAround(last.Value);
        second.WentAround(last.Value);
    }
}
