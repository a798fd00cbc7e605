using Rmt.Adapter;
using Rmt.Host.Input;

namespace Rmt.Host.Reading;

/// <summary>A document's text to token ids, a part at a time: the whole text is never held.</summary>
internal static class Tokens
{
    /// <summary>The ids in parts, always in the same list; who takes them empties it. Ends early when cancelled.</summary>
    public static IEnumerable<List<int>> Of(DocumentSource source, ITokenizer tokenizer, CancellationToken cancellation)
    {
        using var text = source.Open();
        var part = new char[1 << 14];
        var ids = new List<int>();
        var tokenization = tokenizer.Begin();
        for (int count; !cancellation.IsCancellationRequested && (count = text.Read(part)) > 0;)
        {
            tokenization.Append(part.AsSpan(0, count), ids);
            yield return ids;
        }
        tokenization.Complete(ids);
        yield return ids;
    }
}
