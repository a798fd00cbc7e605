namespace Rmt.Adapter;

/// <summary>Background from text. A text that is too short is repeated without anything between, as the paper's authors do.</summary>
/// <param name="tokenizer">Whose ids.</param>
/// <param name="open">The text of a seed, from its beginning each time; more of it is read only as it is needed.</param>
public sealed class TextBackground(ITokenizer tokenizer, Func<ulong, TextReader> open) : IBackground
{
    private const int Part = 1 << 14;

    /// <summary>Varied sentences that are made up, so that no text is needed.</summary>
    /// <param name="tokenizer">Whose ids.</param>
    /// <param name="mentions">As <see cref="GeneratedText"/> has it; by default as often as real text might, so that such a word alone is no fact.</param>
    public static TextBackground Generated(ITokenizer tokenizer, double mentions = 0.03) => new(tokenizer, seed => new GeneratedText(seed, mentions));

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The text of this seed has no token.</exception>
    public void Fill(ulong seed, Span<int> tokens)
    {
        var (ids, buffer, filled) = (new List<int>(), new char[Part], 0);
        var tokenization = tokenizer.Begin();
        while (filled < tokens.Length)
        {
            var before = filled;
            using (var text = open(seed))
            {
                for (int read; filled < tokens.Length && (read = text.Read(buffer)) > 0;)
                {
                    tokenization.Append(buffer.AsSpan(0, read), ids);
                    filled += Take(ids, tokens[filled..]);
                }
            }
            if (filled > before)
                continue;
            tokenization.Complete(ids);     // one word without an end
            tokenization = tokenizer.Begin();
            filled += Take(ids, tokens[filled..]);
            if (filled == before)
                throw new InvalidDataException("the background text has no token: give one with words in it");
        }
    }

    // Special tokens written in a text do not count; what there is no room for is dropped.
    private int Take(List<int> ids, Span<int> room)
    {
        _ = ids.RemoveAll(tokenizer.Special.Contains);
        var count = Math.Min(ids.Count, room.Length);
        for (var i = 0; i < count; i++)
            room[i] = ids[i];
        ids.Clear();
        return count;
    }
}
