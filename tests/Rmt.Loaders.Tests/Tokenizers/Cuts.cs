using Rmt.Adapter;

namespace Rmt.Loaders.Tests;

/// <summary>A text given to a tokenizer in parts.</summary>
internal static class Cuts
{
    /// <summary>Parts of 0 to <paramref name="longest"/> UTF-16 units.</summary>
    public static List<int> Encode(ITokenizer tokenizer, string text, Random random, int longest)
    {
        var ids = new List<int>();
        var tokenization = tokenizer.Begin();
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(random.Next(longest == 1 ? 1 : 0, longest + 1), text.Length - at);
            tokenization.Append(text.AsSpan(at, length), ids);
            at += length;
        }
        tokenization.Complete(ids);
        return ids;
    }

    /// <summary>As a stream, on several threads, in parts of so many UTF-16 units.</summary>
    public static List<int> Stream(ITokenizer tokenizer, string text, int threads, int part) =>
        [.. new StreamTokenizer(tokenizer, threads) { Part = part }.Tokenize(new StringReader(text)).SelectMany(ids => ids.ToArray())];
}
