using Rmt.Adapter;
using Rmt.Host.Input;

namespace Rmt.Host.Reading;

/// <summary>A document's text to token ids, a part at a time: the whole text is never held.</summary>
internal static class Tokens
{
    /// <summary>The ids in parts, each list good until the next is asked for. Ends with an exception when cancelled.</summary>
    public static IEnumerable<List<int>> Of(DocumentSource source, ITokenizer tokenizer, int threads, CancellationToken cancellation)
    {
        using var text = source.Open();
        foreach (var ids in new StreamTokenizer(tokenizer, threads).Tokenize(text, cancellation))
            yield return ids;
    }
}
