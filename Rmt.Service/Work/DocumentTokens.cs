using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Rmt.Adapter;

namespace Rmt.Service;

/// <summary>What is read of a document, or of a feed of a stream.</summary>
/// <param name="Content">The tokens that are cut into segments.</param>
/// <param name="Total">Content tokens of the document; of a stream, those that are known.</param>
/// <param name="Read">Of them, those that are read.</param>
internal sealed record DocumentTokens(ReadOnlyMemory<int> Content, int Total, int Read)
{
    /// <summary>Of a stream.</summary>
    public StreamFeed? Feed { get; init; }

    /// <summary>Of a stream: what is left over when the content is read.</summary>
    public FeedEnd? FeedEnd { get; init; }

    /// <summary>The tokens of a document.</summary>
    public static DocumentTokens Of(Lease lease, byte[] text, LoadedModel model)
    {
        var content = new List<int>();
        using var reader = new StreamReader(new MemoryStream(text), new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false);
        foreach (var ids in new StreamTokenizer(model.Tokenizer, threads: 1).Tokenize(reader))
        {
            model.Segmenter.KeepContent(ids);
            content.AddRange(ids);
        }
        if (lease.MaxTokens is not { } most)
            return new(content.ToArray(), content.Count, content.Count);
        var kept = new Truncation(most, lease.Truncate == "head_tail" ? TruncationSide.HeadTail : TruncationSide.Head).Apply([.. content]);
        return new(kept, content.Count, kept.Length);
    }

    /// <summary>The tokens of a feed: whole segments, or all that is left where the stream ends.</summary>
    /// <exception cref="DocumentException">The text is not UTF-8.</exception>
    public static DocumentTokens Of(Lease lease, StreamFeed feed, byte[] parts, LoadedModel model)
    {
        byte[] bytes = [.. feed.Pending, .. parts];
        var chars = new char[bytes.Length];
        var status = Utf8.ToUtf16(bytes, chars, out var decoded, out var written, replaceInvalidSequences: false, isFinalBlock: feed.IsLast);
        if (status == OperationStatus.InvalidData)
            throw new DocumentException($"not UTF-8: {bytes.Length - decoded} bytes before the end of part {feed.FeedUntil - 1} stands a byte that belongs to no character");

        // What is behind the last place where the text may be cut waits for more.
        var cut = feed.IsLast ? written : model.Tokenizer.LastCut(chars.AsSpan(0, written));
        var tokens = new List<int>(feed.Tail);
        var ids = model.Tokenizer.Encode(chars.AsSpan(0, cut));
        model.Segmenter.KeepContent(ids);
        tokens.AddRange(ids);

        var size = model.Segmenter.Layout.TokensPerSegment;
        var read = feed.IsLast ? tokens.Count : tokens.Count / size * size;
        var before = (lease.NextSegment - feed.FeedRead) * size;
        return new(CollectionsMarshal.AsSpan(tokens)[..read].ToArray(), before + tokens.Count, before + tokens.Count)
        {
            Feed = feed,
            FeedEnd = feed.IsLast ? null : new(feed.FeedUntil, bytes[Encoding.UTF8.GetByteCount(chars.AsSpan(0, cut))..], CollectionsMarshal.AsSpan(tokens)[read..].ToArray()),
        };
    }

    /// <summary>Whether nothing is to be read: no full segment came, or the end of a stream whose segments are all read.</summary>
    public bool IsNothing(Lease lease) => Feed is not null && Content.IsEmpty && (!Feed.IsLast || lease.NextSegment > 0);
}

/// <summary>A document that no attempt can read. The message is its error.</summary>
internal sealed class DocumentException(string message) : Exception(message);
