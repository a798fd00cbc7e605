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

    /// <summary>The same of documents that must be one.</summary>
    /// <exception cref="InputException">They are none or more, or it cannot be read.</exception>
    public static IEnumerable<List<int>> OfOne(IEnumerable<DocumentSource> documents, ITokenizer tokenizer, int threads, CancellationToken cancellation)
    {
        using var sources = documents.GetEnumerator();
        if (!Readable(sources.MoveNext))
            throw new InputException("it holds no document");
        using var parts = Of(sources.Current, tokenizer, threads, cancellation).GetEnumerator();
        while (Readable(parts.MoveNext))
            yield return parts.Current;
        cancellation.ThrowIfCancellationRequested();
        if (Readable(sources.MoveNext))
            throw new InputException("it holds more than one document, and one is read at a time");
    }

    private static bool Readable(Func<bool> next)
    {
        try
        {
            return next();
        }
        catch (Exception error) when (error is not InputException && DocumentSource.IsUnreadable(error))
        {
            throw new InputException(error.Message);
        }
    }
}
